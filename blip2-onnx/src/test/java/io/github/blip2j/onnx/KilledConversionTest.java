package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it converts leaves nothing that is seen, and nothing for long. */
class KilledConversionTest {
  private static final int KILLED = 9;

  @TempDir Path folder;

  /** The process that ends in the middle, without a word and without its last wishes. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) {
      converting(Path.of(arguments[0]), Path.of(arguments[1]))
          .listener(
              (stage, done, total) -> {
                if (done > total / 2) {
                  Runtime.getRuntime().halt(KILLED);
                }
              })
          .convert(Path.of(arguments[2]));
    }
  }

  private static Blip2Builder converting(Path model, Path cache) {
    return Blip2.builder().model(model).backend("onnx").cacheDirectory(cache).recipe(Recipe.SMALL);
  }

  private List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  @Test
  void nothingIsSeenAndTheNextConversionSweeps() throws Exception {
    Path out = Files.createDirectory(folder.resolve("out"));
    Path model = Fixtures.directory("tiny-t5");
    Path cache = folder.resolve("cache");
    Path bundle = out.resolve("bundle");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                model.toString(),
                cache.toString(),
                bundle.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(process.waitFor()).as("%s", folder.resolve("log")).isEqualTo(KILLED);
    assertThat(bundle).doesNotExist();
    assertThat(names(out)).hasSize(1).allMatch(n -> n.startsWith(".bundle.")); // hidden
    converting(model, cache).convert(bundle);
    assertThat(names(out)).containsExactly("bundle");
    try (Blip2 blip2 = Blip2.builder().model(bundle).cacheDirectory(cache).load()) {
      assertThat(blip2.backend()).startsWith("onnx");
    }
  }
}
