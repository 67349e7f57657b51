package io.github.blip2j.bench.soak;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Every task of a model that writes, on one image. */
final class WritingJobs {
  private static final String PROMPT = "a photo of ";
  private static final List<String> CANDIDATES = List.of("cats", "a cat", "two dogs");
  private static final int TOKENS = 8;

  private final Blip2 blip2;
  private final ImageInput image;
  private final ImageInput other;
  private final GenerationOptions greedy =
      GenerationOptions.builder().maxNewTokens(TOKENS).topLogProbabilities(2).build();
  private final GenerationOptions beams =
      GenerationOptions.builder().maxNewTokens(TOKENS).numBeams(3).numReturnSequences(2).build();
  private final GenerationOptions drawn =
      GenerationOptions.builder().maxNewTokens(TOKENS).doSample(true).topP(0.9).seed(7).build();

  WritingJobs(Blip2 blip2, ImageInput image, ImageInput other) {
    this.blip2 = blip2;
    this.image = image;
    this.other = other;
  }

  List<Job> all(String of) {
    return List.of(
        new Job("caption " + of, () -> text(blip2.captioner().withOptions(greedy).caption(image))),
        new Job(
            "prompted caption " + of,
            () -> text(blip2.promptedCaptioner(PROMPT).withOptions(drawn).caption(image))),
        new Job(
            "question " + of,
            () -> text(blip2.vqa().withOptions(greedy).ask(image, "how many cats are there?"))),
        new Job("batch " + of, this::batch),
        new Job("rank " + of, () -> blip2.rank(image, PROMPT, CANDIDATES).toString()),
        new Job("stream " + of, this::stream),
        new Job("closed stream " + of, () -> piecesOf(3)),
        new Job("cancelled stream " + of, this::cancelled),
        new Job("chat " + of, this::chat),
        new Job("saved image " + of, this::saved));
  }

  /** What of a text must be the same; not how long it took. */
  private static String text(GeneratedText text) {
    return text.text()
        + text.tokenIds()
        + text.finishReason()
        + text.logProbabilities()
        + text.alternatives();
  }

  private String batch() {
    List<String> texts = new ArrayList<>();
    List<GenerationRequest> requests =
        List.of(
            new GenerationRequest(image, null, greedy),
            new GenerationRequest(other, PROMPT, beams),
            new GenerationRequest(image, "a picture with", drawn));
    for (List<GeneratedText> found : blip2.generate(requests)) {
      found.forEach(t -> texts.add(t.text() + t.tokenIds()));
    }
    return texts.toString();
  }

  private Generation generation() {
    return blip2.stream(new GenerationRequest(image, PROMPT, greedy));
  }

  private String stream() {
    StringBuilder pieces = new StringBuilder();
    try (Generation generation = generation()) {
      while (generation.hasNext()) {
        pieces.append(generation.next().text());
      }
      return pieces + text(generation.result().orElseThrow());
    }
  }

  private String piecesOf(int count) {
    StringBuilder pieces = new StringBuilder();
    try (Generation generation = generation()) {
      for (int i = 0; i < count && generation.hasNext(); i++) {
        pieces.append(generation.next().text());
      }
    }
    return pieces.toString();
  }

  /** Another thread ends it at some moment: what was written is how the whole text begins. */
  private String cancelled() throws InterruptedException {
    StringBuilder pieces = new StringBuilder();
    try (Generation generation = generation()) {
      Thread ending = new Thread(generation::cancel, "soak-cancel");
      pieces.append(generation.next().text());
      ending.start();
      while (generation.hasNext()) {
        pieces.append(generation.next().text());
      }
      ending.join();
    }
    String whole = piecesOf(TOKENS);
    return whole.startsWith(pieces.toString()) ? "begins alike" : pieces + " is not " + whole;
  }

  private String chat() {
    ChatOptions options = ChatOptions.defaults().withGeneration(greedy);
    try (ChatSession chat = blip2.chat(image, options)) {
      String first = chat.ask("what is it?").text();
      try (ChatSession fork = chat.fork()) {
        String second = fork.ask("where is it?").text();
        chat.undo();
        return first + second + chat.ask("and now?").text() + fork.history();
      }
    }
  }

  private String saved() throws IOException {
    Path file = Files.createTempFile("blip2-soak-", ".safetensors");
    try {
      blip2.encode(image).save(file);
      return text(blip2.captioner().withOptions(greedy).caption(EncodedImage.load(file)));
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
