package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.WeightUses;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedWeightsTest {
  @TempDir Path cache;

  private List<Path> cached() throws IOException {
    try (var files = Files.walk(cache)) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertThat(all).noneMatch(f -> f.toString().endsWith(".partial"));
      return all.stream().filter(f -> f.toString().endsWith(".safetensors")).toList();
    }
  }

  /** Asks for all of a checkpoint's weights as float32. */
  private PreparedWeights.Compiled all(Checkpoint checkpoint, LoadListener listener) {
    return new PreparedWeights(checkpoint, cache, listener)
        .compile(
            "test",
            new WeightUses(
                List.of(), List.of(), List.of(), checkpoint.weights().all(), false, List.of()),
            StageForms.FLOAT32,
            places -> {
              checkpoint.weights().all().forEach(places::place);
              return new byte[0];
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt-fp16-sharded", "tiny-opt-bf16"})
  void narrowWeightsAreWidenedExactlyAndOnce(String name) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    List<Long> told = new ArrayList<>();
    all(checkpoint, (stage, done, total) -> told.add(total - done));
    WeightTensor first = checkpoint.weights().all().get(0);
    long bytes = checkpoint.weights().all().stream().mapToLong(WeightTensor::bytes).sum();
    assertThat(told).startsWith(bytes - first.bytes());
    Map<String, WeightTensor> byName =
        Weights.ofFile(cached().get(0)).all().stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
    assertThat(byName).hasSameSizeAs(checkpoint.weights().all());
    for (WeightTensor stored : checkpoint.weights().all()) {
      WeightTensor copy = Objects.requireNonNull(byName.get(stored.name() + ".float32"));
      assertThat(copy.dtype()).isEqualTo(DType.F32);
      assertThat(copy.floats()).as(stored.name()).isEqualTo(stored.floats());
    }
    assertThat(told).hasSize(byName.size()).endsWith(0L);
    told.clear();
    all(checkpoint, (stage, done, total) -> told.add(total - done));
    assertThat(told).isEmpty();
    assertThat(cached()).hasSize(1);
  }

  @Test
  void float32StaysWhereItIs() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    assertThat(all(checkpoint, LoadListener.NONE).folder())
        .isEqualTo(checkpoint.weightFiles().get(0).getParent());
    assertThat(cached()).isEmpty();
  }

  @Test
  void anInterruptedPreparationLeavesNothing() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    LoadListener stop =
        (stage, done, total) -> {
          throw new IllegalStateException("stop");
        };
    assertThatThrownBy(() -> all(checkpoint, stop)).hasMessage("stop");
    assertThat(cached()).isEmpty();
  }

  @Test
  void manyAtOnceMakeOneFile() throws Exception {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<PreparedWeights.Compiled>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(() -> all(checkpoint, LoadListener.NONE));
      }
      for (Future<PreparedWeights.Compiled> done : pool.invokeAll(tasks)) {
        assertThat(done.get().folder()).isNotNull();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(cached()).hasSize(1);
  }

  @Test
  void aChangedCheckpointIsPreparedAnew(@TempDir Path folder) throws IOException {
    Path own = Fixtures.copy("tiny-opt-bf16", folder.resolve("own"));
    all(Checkpoint.open(own), LoadListener.NONE);
    Files.setLastModifiedTime(own.resolve("model.safetensors"), FileTime.fromMillis(12345));
    all(Checkpoint.open(own), LoadListener.NONE);
    assertThat(cached()).hasSize(2);
  }

  /** What is half of it old would be found again under the new file's name. */
  @Test
  void ofACheckpointThatIsReplacedMeanwhileNothingIsKept(@TempDir Path folder) throws IOException {
    Path own = Fixtures.copy("tiny-opt-bf16", folder.resolve("own"));
    Checkpoint checkpoint = Checkpoint.open(own);
    LoadListener replacing =
        (stage, done, total) -> Checkpoints.replace(own.resolve("model.safetensors"));
    assertThatThrownBy(() -> all(checkpoint, replacing))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it was replaced while it was read");
    assertThat(cached()).isEmpty();
  }

  /** Two files of one length and time, whose tensors lie in another order. */
  @Test
  void whereWeightsLieBelongsToThem() throws IOException {
    WeightTensor before = pair("a", "b");
    FileTime time = Files.getLastModifiedTime(before.file());
    WeightTensor after = pair("b", "a");
    Files.setLastModifiedTime(after.file(), time);
    assertThat(after.offset()).isNotEqualTo(before.offset());
    prepared(before); // read of the new file by headers of the old one
    WeightTensor found = Weights.ofFile(prepared(after)).all().get(0);
    assertThat(found.floats()).isEqualTo(after.floats()).containsOnly('a');
  }

  /** The tensor a of a file with two, which are full of the letters that they are called by. */
  private WeightTensor pair(String... names) {
    Path file = cache.resolve("pair.safetensors");
    List<SafetensorsWriter.Entry> entries =
        Stream.of(names)
            .map(name -> new SafetensorsWriter.Entry(name, DType.F16, List.of(4L)))
            .toList();
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
      for (String name : names) {
        float[] values = new float[4];
        java.util.Arrays.fill(values, name.charAt(0));
        writer.write(values, 4, DType.F16);
      }
      writer.commit();
    }
    return Weights.ofFile(file).all().stream()
        .filter(t -> t.name().equals("a"))
        .findFirst()
        .orElseThrow();
  }

  private Path prepared(WeightTensor weight) {
    Checkpoint any = Checkpoint.open(Fixtures.directory("tiny-opt"));
    return new PreparedWeights(any, cache, LoadListener.NONE)
        .compile(
            "test",
            new WeightUses(List.of(), List.of(), List.of(), List.of(weight), false, List.of()),
            StageForms.FLOAT32,
            places -> new byte[0])
        .files()
        .get(0);
  }

  @Test
  void aDamagedFileIsMadeAnew() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    Path file = all(checkpoint, LoadListener.NONE).files().get(0);
    byte[] whole = Files.readAllBytes(file);
    FileTime time = Files.getLastModifiedTime(file);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    for (byte[] damaged :
        List.of(new byte[whole.length], flipped, java.util.Arrays.copyOf(whole, 100_000))) {
      Files.write(file, damaged);
      Files.setLastModifiedTime(file, time);
      all(checkpoint, LoadListener.NONE);
      assertThat(Files.readAllBytes(file)).isEqualTo(whole);
    }
  }

  /** A weight (out,in) in a file of its own. */
  private WeightTensor weight(float[] values, long out, long in) {
    Path file = cache.resolve("weight.safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(
            file, List.of(new SafetensorsWriter.Entry("w", DType.F32, List.of(out, in))))) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(values);
      writer.write(bytes);
      writer.commit();
    }
    return Weights.ofFile(file).all().get(0);
  }

  /** Undoes the rounding, by the layout that the runtime's documentation gives. */
  private static float[] restored(WeightForm form, Quantizer.Result result, int out, int in) {
    float[] values = new float[out * in];
    var scales = result.scales().asFloatBuffer();
    for (int row = 0; row < out; row++) {
      for (int i = 0; i < in; i++) {
        int number;
        float scale;
        if (form == WeightForm.INT8_COLUMNS) {
          number = result.values().get(i * out + row);
          assertThat(number).isBetween(-127, 127);
          scale = scales.get(row);
        } else {
          int blocks = in / form.block();
          scale = scales.get(row * blocks + i / form.block());
          int at = (row * in + i) * form.bits() / 8;
          int word = result.values().get(at) & 0xff;
          number = form.bits() == 8 ? word - 128 : ((i % 2 == 0 ? word : word >> 4) & 0xf) - 8;
        }
        values[row * in + i] = scale * number;
      }
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "INT4_BLOCK128, 0.105",
    "INT4_BLOCK32, 0.085",
    "INT4_BLOCK16, 0.075",
    "INT8_BLOCK128, 0.008",
    "INT8_BLOCK32, 0.006",
    "INT8_COLUMNS, 0.01"
  })
  void roundingIsAsNearAsItsBitsAllow(WeightForm form, double most) {
    Random random = new Random(5);
    float[] values = new float[24 * 256];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    float[] found =
        restored(form, Quantizer.quantize(weight(values, 24, 256), form, null), 24, 256);
    double error = 0;
    double square = 0;
    for (int i = 0; i < values.length; i++) {
      error += Math.pow(values[i] - found[i], 2);
      square += Math.pow(values[i], 2);
    }
    assertThat(Math.sqrt(error / square)).isBetween(most / 3, most);
  }

  /** In four bits they became zeros, and their block with them. */
  @ParameterizedTest
  @CsvSource({"NaN, 0", "Infinity, 40", "-Infinity, 63"})
  void numbersThatAreNotFiniteAreRefusedByName(float spoiled, int at) {
    float[] values = new float[2 * 32];
    values[at] = spoiled;
    WeightTensor weight = weight(values, 2, 32);
    for (WeightForm form :
        List.of(WeightForm.INT4_BLOCK32, WeightForm.INT8_BLOCK32, WeightForm.INT8_COLUMNS)) {
      assertThatThrownBy(() -> Quantizer.quantize(weight, form, null))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(
              "w: expected finite numbers to round, found " + spoiled + " in row " + at / 32);
    }
  }

  @Test
  void multiplesOfAScaleAreKeptExactly() {
    float[] values = new float[2 * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i % 16 - 8) * 0.25f;
    }
    WeightTensor weight = weight(values, 2, 32);
    assertThat(
            restored(
                WeightForm.INT4_BLOCK32,
                Quantizer.quantize(weight, WeightForm.INT4_BLOCK32, null),
                2,
                32))
        .isEqualTo(values);
    float[] zeros = new float[64];
    weight = weight(zeros, 2, 32);
    for (WeightForm form : WeightForm.values()) {
      if (form.quantized() && 32 % Math.max(1, form.block()) == 0) {
        assertThat(restored(form, Quantizer.quantize(weight, form, null), 2, 32)).isEqualTo(zeros);
      }
    }
  }

  @Test
  void formsFitTheLayer() {
    WeightTensor wide = weight(new float[2 * 256], 2, 256);
    assertThat(forms(Precision.INT4, StagePlan.Kind.TEXT).of(wide))
        .isEqualTo(WeightForm.INT4_BLOCK128);
    assertThat(List.of(256, 96, 48).stream().map(in -> language8(in)))
        .containsExactly(
            WeightForm.INT8_BLOCK128, WeightForm.INT8_BLOCK32, WeightForm.INT8_BLOCK16);
    WeightTensor odd = weight(new float[2 * 40], 2, 40);
    assertThat(forms(Precision.INT4, StagePlan.Kind.TEXT).of(odd)).isEqualTo(WeightForm.FLOAT32);
    assertThat(forms(Precision.INT8, StagePlan.Kind.VISION).of(odd))
        .isEqualTo(WeightForm.INT8_COLUMNS);
    assertThatThrownBy(() -> forms(Precision.FLOAT16, StagePlan.Kind.TEXT))
        .hasMessageContaining("found float16");
  }

  private static WeightForms forms(Precision precision, StagePlan.Kind kind) {
    StagePlan.Start start = new StagePlan.Start(GraphTarget.CPU, WeightLayout.MAPPED, "");
    return StagePlan.of("stage", kind, precision, start).weights().choice();
  }

  private WeightForm language8(int in) {
    return forms(Precision.INT8, StagePlan.Kind.TEXT).of(weight(new float[2 * in], 2, in));
  }
}
