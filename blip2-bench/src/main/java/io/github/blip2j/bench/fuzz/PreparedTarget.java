package io.github.blip2j.bench.fuzz;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Weights that the library derived and keeps: damaged, they are made anew or refused. */
final class PreparedTarget implements FuzzTarget {
  private static final GenerationOptions SHORT =
      GenerationOptions.builder().maxNewTokens(6).topLogProbabilities(2).build();

  private final Workspace workspace = Workspace.create();
  private final List<Sample> samples = new ArrayList<>();
  private final Path model;
  private final Path cache;
  private final ImageSource image;
  private final String expected;

  PreparedTarget(Path corpus) throws IOException {
    model = corpus.resolve("tiny-opt-fp16-sharded");
    cache = workspace.path("cache");
    image = ImageSource.of(Files.readAllBytes(corpus.resolve("images/landscape.png")));
    expected = text();
    try (Stream<Path> files = Files.walk(cache)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList()) {
        samples.add(new Sample(cache.relativize(file).toString(), Files.readAllBytes(file)));
      }
    }
  }

  private String text() {
    try (Blip2 blip2 =
        Blip2.builder()
            .model(model)
            .backend("onnx")
            .threads(1)
            .precisions(Precisions.parse("int8,float32,int4"))
            .cacheDirectory(cache)
            .load()) {
      return blip2
          .captioner()
          .withOptions(SHORT)
          .caption(image)
          .toString()
          .replaceAll("timings=.*", "");
    }
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public String attempt(Sample sample, byte[] bytes) throws IOException {
    Path file = cache.resolve(sample.name());
    workspace.replace(file, bytes);
    try {
      return text();
    } finally {
      workspace.replace(file, sample.bytes());
    }
  }

  @Override
  public String expected(Sample sample) {
    return expected;
  }

  @Override
  public void close() throws IOException {
    workspace.close();
  }
}
