package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights that bitsandbytes quantised: the numbers that they stand for, and what is refused. */
class PackedWeightTest {
  private static final String STATE = "b.weight.quant_state.bitsandbytes__nf4";

  /** What bitsandbytes 0.49.2 made of the same bytes on a GPU, in bfloat16, to six digits. */
  private static final float[] UNPACKED_ON_A_GPU = {
    -0.002838f, 0.022583f, -0.005768f, 0.00769f, -0.005768f, 0.002487f, -0.016357f, 0.013794f,
    0.022583f, -0.008911f, 0.00769f, -0.012329f, -0.03125f, 0.005035f, -0.021729f, 0.005035f
  };

  @TempDir Path folder;

  private Map<String, WeightTensor> unpacked(PackedFile file) {
    return Unpacking.unpacked(file.write(folder.resolve("in.safetensors")), () -> folder);
  }

  private static float[] floats(Map<String, WeightTensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name).floats();
  }

  static List<String> quantized() {
    return Fixtures.QUANTIZED;
  }

  /** Every bit of what the formats stand for by numpy's arithmetic. */
  @ParameterizedTest
  @MethodSource("quantized")
  void numbersAreTheReferences(String name) {
    Path directory = Fixtures.directory(name);
    Map<String, WeightTensor> weights =
        Checkpoint.byName(Checkpoint.open(directory, folder).weights());
    List<WeightTensor> golden = Weights.ofFile(directory.resolve("dequantized.safetensors")).all();
    assertThat(golden).hasSize(3);
    for (WeightTensor tensor : golden) {
      assertThat(floats(weights, tensor.name())).as(tensor.name()).isEqualTo(tensor.floats());
    }
    assertThat(weights.keySet()).noneMatch(n -> n.contains("quant") || n.contains("absmax"));
    assertThat(weights.keySet()).noneMatch(n -> n.endsWith("SCB") || n.endsWith("_format"));
    assertThat(weights.values()).allMatch(t -> t.dtype().isWeight());
  }

  @Test
  void rowsAreCodesTimesTheLargestMagnitude() {
    Map<String, WeightTensor> tensors = unpacked(PackedFile.rows());
    assertThat(tensors.keySet()).containsExactly("plain", "a.weight");
    assertThat(floats(tensors, "a.weight"))
        .containsExactly(new float[] {2, -2, 128f / 127, 0.5f / 127, 0, -1f / 127}, within(1e-7f));
    assertThat(floats(tensors, "plain")).containsExactly(7);
    assertThat(unpacked(PackedFile.rows().without("a.weight_format"))).hasSize(2);
  }

  @Test
  void blocksAreNumbersOfTheTableTimesTheLargestMagnitude() {
    Map<String, WeightTensor> tensors = unpacked(PackedFile.blocks());
    assertThat(tensors.keySet()).containsExactly("b.weight");
    WeightTensor weight = Objects.requireNonNull(tensors.get("b.weight"));
    assertThat(weight.dtype()).isEqualTo(DType.BF16);
    assertThat(weight.shape()).containsExactly(2L, 8L);
    assertThat(weight.floats()).containsExactly(UNPACKED_ON_A_GPU, within(6e-7f));
  }

  /** Magnitudes 1 · 0.25 + 0.75 = 1 and −1 · 0.25 + 0.75 = 0.5, each of eight numbers. */
  @Test
  void magnitudesMayBeQuantisedThemselves() {
    float[] numbers = floats(unpacked(PackedFile.nested()), "b.weight");
    int[] codes = {6, 14, 5, 10, 5, 8, 2, 12, 14, 4, 10, 3, 0, 9, 1, 9};
    for (int i = 0; i < codes.length; i++) {
      float expected = PackedFile.NF4[codes[i]] * (i < 8 ? 1 : 0.5f);
      assertThat(numbers[i]).as("number %d", i).isCloseTo(expected, within(1e-6f));
    }
  }

  /** An odd number of elements, and a last block that is not full. */
  @Test
  void theLastByteMayBeHalfFull() {
    PackedFile file =
        PackedFile.blocks()
            .bytes(
                "b.weight", DType.U8, List.of(8L, 1L), 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0xf0, 0, 0xf0)
            .floats("b.weight.absmax", 1, 2, 3, 4)
            .text(
                STATE,
                "{\"quant_type\": \"nf4\", \"blocksize\": 4, \"dtype\": \"float16\","
                    + " \"shape\": [3, 5]}");
    assertThat(floats(unpacked(file), "b.weight"))
        .containsExactly(1, -1, 1, -1, 2, -2, 2, -2, 3, -3, 3, -3, -4, -4, 4);
  }

  /** The derived file is made once; other scales are another file. */
  @Test
  void theNumbersAreKept() throws IOException {
    WeightTensor first = Objects.requireNonNull(unpacked(PackedFile.rows()).get("a.weight"));
    FileTime before = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(first.file(), before);
    WeightTensor again = Objects.requireNonNull(unpacked(PackedFile.rows()).get("a.weight"));
    assertThat(again.file()).isEqualTo(first.file());
    assertThat(Files.getLastModifiedTime(first.file())).isEqualTo(before);
    WeightTensor other =
        Objects.requireNonNull(
            unpacked(PackedFile.rows().floats("a.SCB", 2, 0.75f)).get("a.weight"));
    assertThat(other.file()).isNotEqualTo(first.file());
    assertThat(other.floats()[3]).isCloseTo(0.75f / 127, within(1e-7f));
  }

  @Test
  void plainWeightsNeedNoFolder() {
    Map<String, WeightTensor> plain =
        new PackedFile().floats("w", 1, 2).write(folder.resolve("plain.safetensors"));
    assertThat(
            Unpacking.unpacked(
                plain,
                () -> {
                  throw new AssertionError("asked for a folder");
                }))
        .isEqualTo(plain);
    assertThatThrownBy(() -> Checkpoint.open(Fixtures.directory("tiny-opt-nf4")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("a cache directory must be named");
  }

  @Test
  void anAdapterChangesTheNumbersThatTheyStandFor() {
    Checkpoint base = Checkpoint.open(Fixtures.directory("tiny-opt-nf4"), folder);
    Checkpoint adapted = base.withAdapter(Fixtures.directory("tiny-opt-lora"), folder);
    String changed = "language_model.model.decoder.layers.0.self_attn.q_proj.weight";
    assertThat(floats(Checkpoint.byName(adapted.weights()), changed))
        .hasSize(1600)
        .isNotEqualTo(floats(Checkpoint.byName(base.weights()), changed));
    assertThat(adapted.identity()).isNotEqualTo(base.identity());
  }

  static Stream<Arguments> spoiled() {
    return Stream.of(
        rows(
            "a.weight: expected a matrix in I8",
            f -> f.bytes("a.weight", DType.I8, List.of(6L), 1, 1, 1, 1, 1, 1)),
        rows(
            "a.weight: expected numbers in I8, as bitsandbytes stores them, found [2] in F32",
            f -> f.floats("a.weight", 1, 2)),
        rows(
            "a.weight: expected numbers in I8, as bitsandbytes stores them, found no such tensor",
            f -> f.without("a.weight")),
        rows(
            "a.SCB: expected 2 numbers in F32, as bitsandbytes stores them, found [3] in F32",
            f -> f.floats("a.SCB", 1, 2, 3)),
        rows("a.SCB: expected finite numbers, found NaN", f -> f.floats("a.SCB", 1, Float.NaN)),
        rows(
            "a.weight_format: expected 0, rows in order, found 2",
            f -> f.bytes("a.weight_format", DType.U8, List.of(), 2)),
        rows(
            "x.qweight: expected ordinary weights or bitsandbytes', found ones that GPTQ or AWQ",
            f -> f.floats("x.qweight", 1)),
        blocks(
            "found one in fp4",
            f -> f.without(STATE).text("b.weight.quant_state.bitsandbytes__fp4", "{}")),
        blocks(
            "b.weight: expected 8 numbers in U8",
            f -> f.bytes("b.weight", DType.U8, List.of(2L), 1, 2)),
        blocks(
            "b.weight: expected 8 numbers in U8, as bitsandbytes stores them, found [8] in F16",
            f -> f.put("b.weight", DType.F16, List.of(8L), new byte[16])),
        blocks("b.weight.absmax: expected 1 number in F32", f -> f.floats("b.weight.absmax", 1, 2)),
        blocks("b.weight.absmax: expected 1 number in F32", f -> f.without("b.weight.absmax")),
        blocks(
            "b.weight.absmax: expected finite numbers, found Infinity",
            f -> f.floats("b.weight.absmax", Float.POSITIVE_INFINITY)),
        blocks("b.weight.quant_map: expected 16 numbers", f -> f.without("b.weight.quant_map")),
        blocks(
            "b.weight.quant_map: expected NF4's numbers, found 0.0 where -1.0 belongs",
            f -> f.floats("b.weight.quant_map", new float[16])),
        blocks(
            "quant_map: expected NF4's numbers, found NaN",
            f -> f.floats("b.weight.quant_map", notANumber())),
        blocks(STATE + ": expected JSON", f -> f.text(STATE, "{")),
        blocks(STATE + ": expected a JSON object", f -> f.text(STATE, "[]")),
        blocks(
            STATE + ": expected some lines of JSON, found 70000 bytes",
            f -> f.text(STATE, " ".repeat(70_000))),
        blocks("quant_type: expected a string", f -> f.text(STATE, "{}")),
        blocks(
            "dtype: expected float16, bfloat16 or float32, found \"int8\"",
            f -> state(f, "int8", "64", "[2, 8]")),
        blocks("the shape of a matrix", f -> state(f, "float16", "64", "[16]")),
        blocks("the shape of a matrix", f -> state(f, "float16", "64", "[-2, -8]")),
        blocks("the shape of a matrix", f -> state(f, "float16", "64", "[9223372036854775807, 2]")),
        blocks("a blocksize", f -> state(f, "float16", "null", "[2, 8]")),
        blocks(
            "blocksize: expected a positive integer, found 0",
            f -> state(f, "float16", "0", "[2, 8]")),
        blocks(
            "b.weight: expected 16777214 numbers", f -> state(f, "float16", "64", "[16777214, 2]")),
        nested("nested_blocksize and nested_offset", f -> state(f, "float16", "8", "[2, 8]")),
        nested(
            "b.weight.nested_quant_map: expected 256 numbers",
            f -> f.floats("b.weight.nested_quant_map", 1)),
        nested(
            "b.weight.nested_absmax: expected 1 number",
            f -> f.floats("b.weight.nested_absmax", 1, 2)),
        nested(
            "b.weight.absmax: expected 2 numbers in U8", f -> f.floats("b.weight.absmax", 1, 2)));
  }

  private static float[] notANumber() {
    float[] numbers = PackedFile.NF4.clone();
    numbers[5] = Float.NaN;
    return numbers;
  }

  private static Arguments rows(String message, UnaryOperator<PackedFile> spoil) {
    return Arguments.of(message, spoil.apply(PackedFile.rows()));
  }

  private static Arguments blocks(String message, UnaryOperator<PackedFile> spoil) {
    return Arguments.of(message, spoil.apply(PackedFile.blocks()));
  }

  private static Arguments nested(String message, UnaryOperator<PackedFile> spoil) {
    return Arguments.of(message, spoil.apply(PackedFile.nested()));
  }

  private static PackedFile state(PackedFile file, String dtype, String block, String shape) {
    return file.text(
        STATE,
        "{\"quant_type\": \"nf4\", \"dtype\": \""
            + dtype
            + "\", \"blocksize\": "
            + block
            + ", \"shape\": "
            + shape
            + "}");
  }

  /** Refused before anything is written. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("spoiled")
  void whatIsNotCertainIsRefused(String message, PackedFile file) {
    assertThatThrownBy(() -> unpacked(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(message);
    assertThat(folder.resolve("unpacked")).satisfies(f -> assertThat(written(f)).isZero());
  }

  private static long written(Path unpacked) {
    try (Stream<Path> files = Files.exists(unpacked) ? Files.list(unpacked) : Stream.of()) {
      return files.filter(f -> f.toString().endsWith(".safetensors")).count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
