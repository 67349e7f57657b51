package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.PreparedWeight;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.NormFold;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.WeightUses;
import io.github.blip2j.testkit.Fixtures;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A norm's weights and its layers' columns are scaled together, and only where both are rounded.
 */
class FoldedWeightsTest {
  @TempDir Path cache;

  private static final int CHANNEL = 3;
  private static final float FACTOR = 64;

  private Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
  private Stage vision = checkpoint.program().vision();

  /** Makes one channel of every norm larger than the rest, and its columns smaller. */
  @BeforeEach
  void plant() {
    OnnxLibrary.start(Blip2.defaultCacheDirectory());
    Map<String, Float> by = new HashMap<>();
    for (NormFold fold : vision.weights().folds()) {
      fold.norm().forEach(w -> by.put(w.name(), FACTOR));
      fold.linear().forEach(w -> by.put(w.name(), 1 / FACTOR));
    }
    Path copy = Fixtures.copy("tiny-opt", cache.resolve("planted"));
    List<WeightTensor> tensors = checkpoint.weights().all();
    try (SafetensorsWriter writer =
        new SafetensorsWriter(
            copy.resolve("model.safetensors"),
            tensors.stream()
                .map(t -> new SafetensorsWriter.Entry(t.name(), DType.F32, t.shape()))
                .toList())) {
      for (WeightTensor tensor : tensors) {
        float[] values = tensor.floats();
        int width = tensor.shape().isEmpty() ? 1 : tensor.size(tensor.shape().size() - 1);
        for (int i = CHANNEL; by.containsKey(tensor.name()) && i < values.length; i += width) {
          values[i] *= by.get(tensor.name());
        }
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
    checkpoint = Checkpoint.open(copy);
    vision = checkpoint.program().vision();
  }

  private PreparedWeights.Compiled compiled(StageForms forms) {
    return new PreparedWeights(checkpoint, cache, LoadListener.NONE)
        .compile("vision", vision.weights(), forms, places -> StageGraph.compile(vision, places));
  }

  private static StageForms forms(WeightForms linear) {
    return new StageForms(linear, WeightForm.FLOAT16);
  }

  @Test
  void normsAreDividedByWhatColumnsAreMultipliedBy() {
    Path file = compiled(forms(WeightForms.INT8_COLUMNS)).files().get(0);
    Map<String, WeightTensor> stored =
        Weights.ofFile(file).all().stream().collect(Collectors.toMap(WeightTensor::name, t -> t));
    List<NormFold> folds = vision.weights().folds();
    assertThat(folds).hasSize(6);
    for (NormFold fold : folds) {
      float[] factors = fold.factors();
      assertThat(factors[CHANNEL]).as(fold.gain().name()).isBetween(FACTOR / 4, FACTOR * 4);
      for (WeightTensor weight : fold.norm()) {
        float[] found =
            Objects.requireNonNull(stored.get(weight.name() + ".float32_folded")).floats();
        float[] plain = weight.floats();
        for (int i = 0; i < found.length; i++) {
          assertThat(found[i] * factors[i]).as(weight.name()).isEqualTo(plain[i]);
        }
      }
      for (WeightTensor weight : fold.linear()) {
        requireColumns(weight, factors, stored);
      }
    }
  }

  /** Of each output, to half a step. */
  private static void requireColumns(
      WeightTensor weight, float[] factors, Map<String, WeightTensor> stored) {
    String form = "int8_columns_folded";
    ByteBuffer numbers =
        Objects.requireNonNull(stored.get(PreparedWeight.name(weight.name(), form))).map();
    float[] scales =
        Objects.requireNonNull(stored.get(PreparedWeight.scales(weight.name(), form))).floats();
    float[] plain = weight.floats();
    int out = weight.size(0);
    int in = weight.size(1);
    for (int row = 0; row < out; row++) {
      for (int i = 0; i < in; i++) {
        float found = numbers.get(i * out + row) * scales[row];
        assertThat(found)
            .as("%s %d %d", weight.name(), row, i)
            .isCloseTo(plain[row * in + i] * factors[i], within(0.501f * scales[row]));
      }
    }
  }

  @Test
  void whatIsNotRoundedIsNotScaled() {
    assertThat(compiled(StageForms.FLOAT32).files()).isEmpty();
    WeightUses uses = vision.weights();
    for (WeightForms forms : List.of(WeightForms.FLOAT32, WeightForms.FLOAT16)) {
      assertThat(WeightPlaces.requests(uses, forms(forms))).allMatch(r -> r.fold() == null);
    }
    // of 24 inputs, which no block divides, layers stay float32, and so their norms as they are
    assertThat(WeightPlaces.requests(uses, forms(WeightForms.INT8)))
        .allMatch(r -> r.fold() == null);
  }

  @Test
  void oneWeightIsAskedForOnceInItsRole() {
    Set<WeightPlaces.Request> requests =
        WeightPlaces.requests(vision.weights(), forms(WeightForms.INT8_COLUMNS));
    assertThat(requests).extracting(r -> r.weight().name() + r.form()).doesNotHaveDuplicates();
    assertThat(requests).filteredOn(r -> r.fold() != null).hasSize(6 * 3);
  }

  @Test
  void theRuntimeReadsEveryLabelThatItWrites() {
    assertThat(WeightPlaces.Request.labels())
        .contains("float32_folded", "int8_columns_folded", "int4_block128_folded", "float16")
        .hasSize(2 * WeightForm.values().length);
    assertThat(new OnnxBackend().reads("int8_block32_folded")).isTrue();
    assertThat(new OnnxBackend().reads("int8_block32_folded_folded")).isFalse();
  }
}
