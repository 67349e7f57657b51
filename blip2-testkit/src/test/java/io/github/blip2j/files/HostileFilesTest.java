package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.testkit.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch refuses with {@code weights_only}, and what they would do without it. */
class HostileFilesTest {
  /** Bytes that reading the headers of a small file may take: a hundredth of what it may claim. */
  private static final long MODERATE = 4 << 20;

  private static final ThreadMXBean MEMORY = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  private Weights read(String name) throws IOException {
    Path model = Files.createDirectories(folder.resolve("model"));
    Files.copy(Fixtures.directory("hostile-bin").resolve(name), model.resolve("pytorch_model.bin"));
    return Weights.ofModel(model, () -> folder.resolve("cache"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "calls-eval.bin|a name that tensors need|__builtin__.eval, which is not run",
        "calls-print.bin|a name that tensors need|__builtin__.print, which is not run",
        "inst-opcode.bin|an opcode that tensors need|0x53",
        "stack-global.bin|protocol 2|protocol 4",
        "huge-claim.bin|2147483647 elements of F32 in archive/data/0|24 bytes",
        "short-storage.bin|6 elements of F32 in archive/data/0|20 bytes",
        "stride-outside.bin|a tensor within 6 elements|[2, 3] with strides [9, 1]",
        "missing-storage.bin|an entry archive/data/0|no such entry",
        "traversal.bin|entries with names inside the archive|archive/data/../../0",
        "truncated.bin|a ZIP archive as torch.save writes it|it is cut",
        "not-a-zip.bin|a ZIP archive as torch.save writes it|it is cut",
        "legacy-no-zip.bin|a ZIP archive as PyTorch writes since 1.6|torch.save(torch.load(file)"
      })
  void eachIsRefusedWithWhatItIs(String name, String expected, String found) throws IOException {
    PrintStream out = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    long before = MEMORY.getCurrentThreadAllocatedBytes();
    try {
      assertThatThrownBy(() -> read(name))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("pytorch_model.bin")
          .hasMessageContaining("expected " + expected)
          .hasMessageContaining("found ")
          .hasMessageContaining(found);
    } finally {
      System.setOut(out);
    }
    assertThat(MEMORY.getCurrentThreadAllocatedBytes() - before).isBetween(1L, MODERATE);
    assertThat(printed.size()).isZero();
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"good.bin", "good-again.bin"})
  void theGoodOnesAreRead(String name) throws IOException {
    assertThat(read(name).tensor("w", 2, 3).floats()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  /** No file of the folder is left out above. */
  @Test
  void everyFileIsTried() throws IOException {
    List<String> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(Fixtures.directory("hostile-bin"))) {
      all.map(f -> String.valueOf(f.getFileName()))
          .filter(n -> n.endsWith(".bin"))
          .forEach(files::add);
    }
    assertThat(files).hasSize(12 + 2);
  }

  /** good-again.bin has its numbers at an odd place, which no engine maps. */
  @Test
  void unalignedNumbersAreRewritten() throws IOException {
    WeightTensor moved = read("good-again.bin").tensor("w", 2, 3);
    assertThat(moved.file()).startsWith(folder.resolve("cache"));
    assertThat(moved.offset() % 4).isZero();
  }

  @Test
  void safetensorsComeFirst() throws IOException {
    Path model = Fixtures.copy("tiny-opt", folder.resolve("both"));
    Files.copy(
        Fixtures.directory("hostile-bin").resolve("calls-eval.bin"),
        model.resolve("pytorch_model.bin"));
    assertThat(Weights.ofModel(model, () -> folder).all())
        .allMatch(t -> t.file().endsWith("model.safetensors"));
  }
}
