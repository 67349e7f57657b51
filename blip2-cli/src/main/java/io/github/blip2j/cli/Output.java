package io.github.blip2j.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.retrieval.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the commands print: one JSON object a result. */
final class Output {
  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      // an image in a data: URI; Lines has the limit
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Output() {}

  /** Results as lines of JSON; several sequences are numbered. */
  static List<String> lines(String image, @Nullable String prompt, List<GeneratedText> results) {
    return lines(RequestImages.one(image), prompt, results);
  }

  /** The same of what a request was about. */
  static List<String> lines(
      RequestImages images, @Nullable String prompt, List<GeneratedText> results) {
    List<String> lines = new ArrayList<>();
    for (GeneratedText result : results) {
      ObjectNode node = images.put(MAPPER.createObjectNode()).put("prompt", prompt);
      if (results.size() > 1) {
        node.put("sequence_index", lines.size());
      }
      node.put("text", result.text());
      result.tokenIds().forEach(node.withArray("token_ids")::add);
      node.put("finish_reason", result.finishReason().label()).put("score", result.score());
      lines.add(node.toString());
    }
    return lines;
  }

  /** Candidates, the likeliest first, as one line of JSON. */
  static String ranking(RequestImages images, @Nullable String prompt, List<RankedAnswer> ranked) {
    ObjectNode node = images.put(MAPPER.createObjectNode()).put("prompt", prompt);
    ranked.forEach(r -> node.withArray("candidates").add(r.text()));
    ranked.forEach(r -> node.withArray("log_probabilities").add(r.logProbability()));
    ranked.forEach(r -> node.withArray("probabilities").add(r.probability()));
    return node.toString();
  }

  /** Texts in their order as one line of JSON. */
  static String matches(String image, List<String> texts, List<Match> matches) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("image", Inputs.name(image));
    texts.forEach(node.withArray("texts")::add);
    matches.forEach(m -> node.withArray("itm_probability").add(m.itmProbability()));
    matches.forEach(m -> node.withArray("itc_similarity").add(m.itcSimilarity()));
    return node.toString();
  }

  /** A failure as one line of JSON, with what the request was about if that is known. */
  static String failure(@Nullable RequestImages images, @Nullable String prompt, String error) {
    ObjectNode node = MAPPER.createObjectNode();
    (images == null ? node.putNull("image") : images.put(node)).put("prompt", prompt);
    node.putNull("text").putNull("token_ids").putNull("finish_reason");
    return node.put("error", error).toString();
  }

  /** The error of a line, if it is a failure. */
  static Optional<String> error(String line) {
    try {
      return Optional.ofNullable(MAPPER.readTree(line).path("error").textValue());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected a line of JSON, found " + line, e);
    }
  }
}
