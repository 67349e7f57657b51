package io.github.blip2j.mcp;

import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.search.Hit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the tools do. Knows nothing of the protocol. */
final class ImageTools {
  static final int MOST_TEXTS = 64;
  static final int MOST_HITS = 100;
  private static final int HITS = 5;
  private static final int CAPTION_TOKENS = 30;

  private final AllowedImages images;
  private final int newTokens;

  ImageTools(AllowedImages images, int newTokens) {
    this.images = images;
    this.newTokens = newTokens;
  }

  /** Describes an image, or goes on from a prompt. */
  Result caption(Blip2 writing, Arguments call) {
    ImageSource image = images.read(call.text("image"));
    GenerationOptions options = options(call);
    return text(
        call.optionalText("prompt")
            .map(p -> writing.promptedCaptioner(p).withOptions(options).caption(image))
            .orElseGet(() -> writing.captioner().withOptions(options).caption(image)));
  }

  /** Answers a question about an image. */
  Result ask(Blip2 writing, Arguments call) {
    ImageSource image = images.read(call.text("image"));
    return text(writing.vqa().withOptions(options(call)).ask(image, call.text("question")));
  }

  private GenerationOptions options(Arguments call) {
    int unless = Math.min(CAPTION_TOKENS, newTokens);
    return GenerationOptions.defaults()
        .withMaxNewTokens(call.number("max_new_tokens", unless, newTokens));
  }

  private static Result text(GeneratedText text) {
    return new Result(
        text.text(), Map.of("text", text.text(), "finish_reason", text.finishReason().label()));
  }

  /** Says how well texts describe an image. */
  Result match(Blip2 matching, Arguments call) {
    List<String> texts = call.texts("texts", MOST_TEXTS);
    ImageSource image = images.read(call.text("image"));
    List<Match> matches = matching.matcher().match(image, texts);
    List<Map<String, Object>> fields = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      double probability = matches.get(i).itmProbability();
      fields.add(
          Map.of(
              "text", texts.get(i),
              "itm_probability", probability,
              "itc_similarity", matches.get(i).itcSimilarity()));
      lines.append(String.format(Locale.ROOT, "%.4f  %s%n", probability, texts.get(i)));
    }
    return new Result(lines.toString().strip(), Map.of("matches", fields));
  }

  /** Finds images that a text describes. */
  Result search(Finder finder, Arguments call) {
    int limit = call.number("limit", HITS, MOST_HITS);
    Finder.Found found = finder.find(call.text("query"), limit);
    List<Map<String, Object>> fields = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (Hit hit : found.hits()) {
      fields.add(Map.of("image", hit.id(), "similarity", hit.similarity()));
      lines.append(String.format(Locale.ROOT, "%.4f  %s%n", hit.similarity(), hit.id()));
    }
    lines.append(found.searched()).append(" images searched");
    if (found.left() > 0) {
      lines
          .append("; ")
          .append(found.left())
          .append(" are new and not looked at yet: search again to go on");
    }
    if (found.unreadable() > 0) {
      lines.append("; ").append(found.unreadable()).append(" files cannot be read as images");
    }
    Map<String, Object> whole = new LinkedHashMap<>();
    whole.put("hits", fields);
    whole.put("searched", found.searched());
    whole.put("left", found.left());
    whole.put("unreadable", found.unreadable());
    return new Result(lines.toString(), whole);
  }
}
