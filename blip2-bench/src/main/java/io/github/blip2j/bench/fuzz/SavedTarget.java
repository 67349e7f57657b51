package io.github.blip2j.bench.fuzz;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that the library wrote for its users: encoded images and conversations. What is accepted
 * must mean what was saved.
 */
final class SavedTarget implements FuzzTarget {
  private static final GenerationOptions SHORT =
      GenerationOptions.builder().maxNewTokens(3).build();

  private final Workspace workspace = Workspace.create();
  private final Blip2 blip2;
  private final Use use;
  private final List<Sample> samples;
  private final Map<String, String> expected = new HashMap<>();

  /** How a file is read and used. */
  private interface Use {
    String with(Path file);
  }

  private SavedTarget(Blip2 blip2, Use use, Sample sample) throws IOException {
    this.blip2 = blip2;
    this.use = use;
    this.samples = List.of(sample);
    expected.put(sample.name(), attempt(sample, sample.bytes()));
  }

  static SavedTarget encodedImages(Path corpus, String backend) throws IOException {
    Blip2 blip2 = load(corpus.resolve("tiny-opt"), backend);
    return new SavedTarget(
        blip2,
        file -> blip2.captioner().withOptions(SHORT).caption(EncodedImage.load(file)).text(),
        encoded(blip2, corpus));
  }

  static SavedTarget matchedImages(Path corpus, String backend) throws IOException {
    Blip2 blip2 = load(corpus.resolve("tiny-itm"), backend);
    return new SavedTarget(
        blip2,
        file -> {
          Match match = blip2.matcher().match(EncodedImage.load(file), "two cats");
          return match.toString();
        },
        encoded(blip2, corpus));
  }

  static SavedTarget chats(Path corpus, String backend) throws IOException {
    Blip2 blip2 = load(corpus.resolve("tiny-opt"), backend);
    Path file = Files.createTempFile("blip2-fuzz-", ".safetensors");
    try (ChatSession chat = blip2.chat(image(corpus))) {
      chat.history(List.of());
      chat.ask("what is it?");
      chat.ask("where is it?");
      chat.save(file);
      return new SavedTarget(
          blip2,
          saved -> {
            try (ChatSession restored = blip2.restoreChat(saved, SHORT)) {
              return restored.history() + restored.ask("and now?").text();
            }
          },
          new Sample("chat.safetensors", Files.readAllBytes(file)));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static Blip2 load(Path model, String backend) {
    return Blip2.builder().model(model).backend(backend).threads(1).load();
  }

  private static ImageInput image(Path corpus) throws IOException {
    return ImageSource.of(Files.readAllBytes(corpus.resolve("images/landscape.png")));
  }

  private static Sample encoded(Blip2 blip2, Path corpus) throws IOException {
    Path file = Files.createTempFile("blip2-fuzz-", ".safetensors");
    try {
      blip2.encode(image(corpus)).save(file);
      return new Sample("encoded.safetensors", Files.readAllBytes(file));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public String attempt(Sample sample, byte[] bytes) throws IOException {
    Path file = workspace.path(sample.name());
    workspace.replace(file, bytes);
    return use.with(file);
  }

  @Override
  public String expected(Sample sample) {
    return expected.getOrDefault(sample.name(), "");
  }

  @Override
  public void close() throws IOException {
    blip2.close();
    workspace.close();
  }
}
