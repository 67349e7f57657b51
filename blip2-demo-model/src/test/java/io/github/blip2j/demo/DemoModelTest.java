package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both checkpoints are written whole, once, and again when they are damaged. */
class DemoModelTest {
  private static final List<Function<Path, Path>> MODELS =
      List.of(DemoModel::captioner, DemoModel::matcher);

  @TempDir Path cache;

  @Test
  void eachDoesWhatItIsCalled() {
    assertThat(Blip2.builder().model(DemoModel.captioner(cache)).capabilities())
        .containsExactly(Capability.GENERATE);
    assertThat(Blip2.builder().model(DemoModel.matcher(cache)).capabilities())
        .containsExactly(Capability.MATCH);
  }

  @Test
  void damageIsMendedAndTheRestStays() throws IOException {
    for (Function<Path, Path> made : MODELS) {
      Path model = made.apply(cache);
      Path weights = model.resolve("model.safetensors");
      byte[] right = Files.readAllBytes(weights);
      assertThat(right).hasSizeLessThan(6_000_000);
      FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(3)));
      Files.setLastModifiedTime(weights, old);
      Files.delete(model.resolve("config.json"));
      Files.writeString(model.resolve("tokenizer.json"), "{");
      assertThat(made.apply(cache)).isEqualTo(model);
      assertThat(model.resolve("config.json")).exists();
      assertThat(model.resolve("tokenizer.json")).content().contains("vocab");
      assertThat(Files.getLastModifiedTime(weights)).isEqualTo(old);
      byte[] flipped = right.clone();
      flipped[right.length - 1] ^= 1;
      Files.write(weights, flipped);
      assertThat(made.apply(cache)).isEqualTo(model);
      assertThat(Files.readAllBytes(weights)).isEqualTo(right);
      try (var files = Files.list(model)) {
        assertThat(files).noneMatch(f -> f.toString().contains("partial"));
      }
    }
  }

  @Test
  void leftoversOfKilledProcessesAreSwept() throws IOException {
    Path model = DemoModel.captioner(cache);
    Path old = Files.writeString(model.resolve("config.json1.partial"), "{");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path under = Files.writeString(model.resolve("config.json2.partial"), "{");
    Files.delete(model.resolve("config.json"));
    DemoModel.captioner(cache);
    assertThat(old).doesNotExist();
    assertThat(under).exists(); // another process may be writing it
  }

  @Test
  void manyThreadsWriteItTogether() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Path> one = () -> DemoModel.matcher(cache);
      List<Future<Path>> all = threads.invokeAll(java.util.Collections.nCopies(16, one));
      for (Future<Path> path : all) {
        assertThat(path.get()).isEqualTo(all.get(0).get());
      }
      assertThat(all.get(0).get().resolve("model.safetensors")).exists();
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaid() throws IOException {
    Path file = Files.writeString(cache.resolve("file"), "not a folder");
    assertThatThrownBy(() -> DemoModel.captioner(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString());
  }
}
