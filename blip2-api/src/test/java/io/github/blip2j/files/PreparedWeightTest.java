package io.github.blip2j.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedWeightTest {
  @TempDir Path folder;

  private WeightTensor weight(float... values) {
    Path file = folder.resolve("weight.safetensors");
    List<Long> shape = List.of((long) values.length);
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, List.of(new SafetensorsWriter.Entry("w", DType.F32, shape)))) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      writer.write(bytes);
      writer.commit();
    }
    return Objects.requireNonNull(Safetensors.read(file).get("w"));
  }

  private WeightTensor written(PreparedWeight prepared) {
    Path file = folder.resolve("prepared.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(file, prepared.entries())) {
      prepared.data().accept(writer);
      writer.commit();
    }
    Map<String, WeightTensor> found = Safetensors.read(file);
    assertThat(found).hasSize(1);
    return found.values().iterator().next();
  }

  @Test
  void aFormIsPartOfTheName() {
    assertThat(PreparedWeight.name("a.weight", PreparedWeight.PLAIN)).isEqualTo("a.weight");
    assertThat(PreparedWeight.name("a.weight", "int4_block128"))
        .isEqualTo("a.weight.int4_block128");
    assertThat(PreparedWeight.scales("a.weight", "int4_block128"))
        .isEqualTo("a.weight.int4_block128.scales");
  }

  /** 1 + 2⁻¹¹ lies between two neighbours of binary16 and goes to the even one. */
  @Test
  void elementsAreRoundedToTheNearest() {
    WeightTensor weight = weight(1, 1.00048828125f, -65504, Float.NaN, Float.NEGATIVE_INFINITY);
    PreparedWeight plain = PreparedWeight.of(weight, PreparedWeight.PLAIN, DType.F16);
    assertThat(plain.bytes()).isEqualTo(10);
    WeightTensor half = written(plain);
    assertThat(half.name()).isEqualTo("w");
    assertThat(half.dtype()).isEqualTo(DType.F16);
    assertThat(half.floats()).containsExactly(1, 1, -65504, Float.NaN, Float.NEGATIVE_INFINITY);
    WeightTensor whole = written(PreparedWeight.of(weight, "float32", DType.F32));
    assertThat(whole.name()).isEqualTo("w.float32");
    assertThat(whole.floats()).isEqualTo(weight.floats());
  }

  /** It would be infinite in 16 bits, and every text nonsense. */
  @Test
  void whatFloat16CannotHoldIsRefused() {
    PreparedWeight large = PreparedWeight.of(weight(1, -70000), PreparedWeight.PLAIN, DType.F16);
    assertThatThrownBy(() -> written(large))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("w: expected numbers up to 65504")
        .hasMessageContaining("found -70000")
        .hasMessageContaining("bfloat16");
    assertThat(written(PreparedWeight.of(weight(-70000), "", DType.BF16)).floats()[0])
        .isBetween(-70200f, -69800f);
  }

  /** What is there only as a backend prepared it has no numbers of its own. */
  @Test
  void aPreparedWeightIsNotReadAsNumbers() {
    WeightTensor stored = weight(1, 2, 3, 4);
    WeightTensor prepared =
        new WeightTensor(
            "w", DType.PREPARED, List.of(8L, 8L), stored.file(), stored.offset(), stored.bytes());
    for (Runnable reading :
        List.<Runnable>of(
            prepared::floats,
            () -> prepared.floats(0, 1),
            () -> prepared.stream(4, (f, n) -> {}))) {
      assertThatThrownBy(reading::run)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected numbers, found a weight that a backend has prepared");
    }
    assertThat(prepared.map().remaining()).isEqualTo(16);
    assertThatThrownBy(() -> DType.parse("PREPARED", "file")) // no file says so of itself
        .hasMessageContaining("expected a safetensors dtype");
  }
}
