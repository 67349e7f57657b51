package io.github.blip2j.bench.fuzz;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The files of checkpoints: one is damaged, the model is loaded with it and used. Weights may be
 * changed into other weights, so that what it says is not compared.
 */
final class CheckpointTarget implements FuzzTarget {
  private static final List<String> CHECKPOINTS =
      List.of("tiny-opt", "tiny-opt-fp16-sharded", "tiny-t5", "tiny-itm");
  private static final List<String> TORCH = List.of("tiny-opt-bin", "tiny-opt-bin-sharded");
  private static final List<String> ADAPTERS =
      List.of("tiny-opt-lora", "tiny-opt-lora-regex", "tiny-opt-dora");
  private static final String ADAPTED = "tiny-opt-bin";
  private static final List<String> READ =
      List.of("config", "generation_config", "preprocessor_config", "processor_config");
  private static final GenerationOptions SHORT =
      GenerationOptions.builder().maxNewTokens(3).build();

  private final Workspace workspace = Workspace.create();
  private final List<Sample> samples = new ArrayList<>();
  private final String backend;
  private final ImageSource image;

  /** The files of a kind in some folders. */
  private CheckpointTarget(
      Path corpus, String backend, List<String> folders, Predicate<String> kind)
      throws IOException {
    this.backend = backend;
    image = ImageSource.of(Files.readAllBytes(corpus.resolve("images/landscape.png")));
    for (String name : folders) {
      for (Path file : Workspace.files(workspace.copy(corpus.resolve(name), name))) {
        String called = file.getFileName().toString();
        if (kind.test(called)) {
          samples.add(new Sample(name + "/" + called, Files.readAllBytes(file)));
        }
      }
    }
  }

  static CheckpointTarget configurations(Path corpus, String backend) throws IOException {
    return new CheckpointTarget(
        corpus,
        backend,
        CHECKPOINTS,
        f -> READ.contains(f.replace(".json", "")) || f.endsWith(".index.json"));
  }

  static CheckpointTarget tokenizers(Path corpus, String backend) throws IOException {
    return new CheckpointTarget(corpus, backend, CHECKPOINTS, f -> f.startsWith("tokenizer"));
  }

  static CheckpointTarget weights(Path corpus, String backend) throws IOException {
    return new CheckpointTarget(
        corpus, backend, CHECKPOINTS, f -> f.startsWith("model") && f.endsWith(".safetensors"));
  }

  static CheckpointTarget torch(Path corpus, String backend) throws IOException {
    return new CheckpointTarget(corpus, backend, TORCH, f -> f.startsWith("pytorch_model"));
  }

  static CheckpointTarget adapters(Path corpus, String backend) throws IOException {
    CheckpointTarget target =
        new CheckpointTarget(corpus, backend, ADAPTERS, f -> f.startsWith("adapter_"));
    target.workspace.copy(corpus.resolve(ADAPTED), ADAPTED);
    return target;
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public String attempt(Sample sample, byte[] bytes) throws IOException {
    Path file = workspace.path(sample.name());
    Path cache = workspace.path("cache");
    workspace.replace(file, bytes);
    String folder = sample.name().replaceAll("/.*", "");
    boolean adapter = ADAPTERS.contains(folder);
    Blip2Builder builder = Blip2.builder().model(workspace.path(adapter ? ADAPTED : folder));
    if (adapter) {
      builder.adapter(workspace.path(folder));
    }
    try (Blip2 blip2 = builder.backend(backend).threads(1).cacheDirectory(cache).load()) {
      if (sample.name().startsWith("tiny-itm")) {
        blip2.matcher().match(image, "a photo of two cats");
      } else {
        blip2.promptedCaptioner("a photo of ").withOptions(SHORT).caption(image);
      }
    } finally {
      workspace.replace(file, sample.bytes());
      Workspace.delete(cache);
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    workspace.close();
  }
}
