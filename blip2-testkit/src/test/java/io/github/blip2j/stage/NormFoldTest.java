package io.github.blip2j.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.testkit.ArrayBackend;
import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which norms can be scaled, by what, and that it changes nothing that is not rounded. */
class NormFoldTest {
  @TempDir Path folder;

  private static Stage stage(Stage.Body body) {
    return Stage.of(
        "half",
        List.of(Stage.Input.floats("x", Axis.BATCH, Axis.any("T"), Axis.of(2))),
        List.of(Stage.Output.of("y", Axis.BATCH, Axis.any("T"), Axis.of(2))),
        body);
  }

  private WeightTensor tensor(String name, List<Long> shape, float... values) {
    Path file = folder.resolve(name + ".safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, List.of(new SafetensorsWriter.Entry(name, DType.F32, shape)))) {
      writer.write(values, values.length, DType.F32);
      writer.commit();
    }
    return Weights.ofFile(file).all().get(0);
  }

  private WeightTensor list(String name, float... values) {
    return tensor(name, List.of((long) values.length), values);
  }

  private WeightTensor matrix(String name, float... values) {
    return tensor(name, List.of(values.length / 2L, 2L), values);
  }

  /** What the tests' stages do with a norm's result. */
  private interface Behind {
    <T> T apply(Ops<T> ops, T x, T normed, List<WeightTensor> layers);
  }

  private WeightUses uses(Behind behind) {
    WeightTensor gain = list("gain", 1, 2);
    WeightTensor shift = list("shift", 0, 0);
    List<WeightTensor> layers =
        List.of(matrix("a", 1, 2, 3, 4), matrix("b", 5, 6, 7, 8), matrix("c", 1, 0, 0, 1));
    return stage(
            new Stage.Body() {
              @Override
              public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> values) {
                T x = values.get("x");
                return List.of(behind.apply(ops, x, ops.layerNorm(x, gain, shift, 0), layers));
              }
            })
        .weights();
  }

  @Test
  void aNormThatLayersAloneSeeCanBeScaled() {
    WeightUses uses =
        uses(
            new Behind() {
              @Override
              public <T> T apply(Ops<T> ops, T x, T normed, List<WeightTensor> layers) {
                T first = ops.linear(normed, layers.get(0), null);
                return ops.add(first, ops.linear(ops.lastPosition(normed), layers.get(1), null));
              }
            });
    assertThat(uses.folds()).hasSize(1);
    NormFold fold = uses.folds().get(0);
    assertThat(fold.norm()).extracting(WeightTensor::name).containsExactly("gain", "shift");
    assertThat(fold.linear()).extracting(WeightTensor::name).containsExactly("a", "b");
  }

  @Test
  void aNormThatIsAddedOrGivenCannot() {
    WeightUses added =
        uses(
            new Behind() {
              @Override
              public <T> T apply(Ops<T> ops, T x, T normed, List<WeightTensor> layers) {
                return ops.add(normed, ops.linear(normed, layers.get(0), null));
              }
            });
    assertThat(added.folds()).isEmpty();
    WeightUses given =
        uses(
            new Behind() {
              @Override
              public <T> T apply(Ops<T> ops, T x, T normed, List<WeightTensor> layers) {
                ops.linear(normed, layers.get(0), null);
                return normed;
              }
            });
    assertThat(given.folds()).isEmpty();
  }

  @Test
  void aLayerThatSeesSomethingElseTooKeepsItsColumns() {
    WeightUses uses =
        uses(
            new Behind() {
              @Override
              public <T> T apply(Ops<T> ops, T x, T normed, List<WeightTensor> layers) {
                ops.linear(normed, layers.get(0), null);
                T first = ops.linear(normed, layers.get(1), null);
                return ops.linear(first, layers.get(0), null);
              }
            });
    assertThat(uses.folds()).isEmpty();
    assertThat(uses.linear()).hasSize(2);
  }

  /** √(8 / ½) = 4 and √(½ / 2) = ½; then by the middle of both exponents, −1 and 2, sorted. */
  @Test
  void aFactorEvensAChannelAndItsColumns() {
    NormFold fold =
        new NormFold(
            list("gain", 8, 0.5f), list("shift", 0, 0), List.of(matrix("w", 0.5f, 2, -0.5f, -2)));
    assertThat(fold.factors()).containsExactly(1, 0.125f);
    NormFold rms = new NormFold(list("g", 8, 0.5f), null, List.of(matrix("v", 0.5f, 2)));
    assertThat(rms.factors()).containsExactly(1, 0.125f);
    NormFold shifted =
        new NormFold(list("g2", 0, 1), list("s2", 64, 0), List.of(matrix("v2", 1, 1)));
    assertThat(shifted.factors()).containsExactly(1, 0.125f);
  }

  @Test
  void whatIsNearTheMiddleIsLeft() {
    NormFold fold =
        new NormFold(
            list("gain", 1, 4, 0.25f, 1, 16, 1, 1),
            null,
            List.of(tensor("w", List.of(1L, 7L), 1, 1, 1, 1, 1, 1, 1)));
    assertThat(fold.factors()).containsExactly(1, 1, 1, 1, 4, 1, 1);
  }

  @Test
  void whatIsZeroIsNotScaled() {
    NormFold fold =
        new NormFold(
            list("gain", 0, 1, 1024, 1),
            list("shift", 0, 0, 0, 0),
            List.of(tensor("w", List.of(1L, 4L), 1, 0, 1, 1)));
    assertThat(fold.factors()).containsExactly(1, 1, 32, 1);
  }

  /** As outliers are planted: a channel times a number, its columns divided by it. */
  @Test
  void anOutliersFactorIsItsOwn() {
    float[] columns = {1, 1.5f, 0.75f, 1, 1, 1.25f};
    float[] gains = {1, 0.75f, 1, 1.25f, 1, 1};
    float[] before = fold("before", gains, columns).factors();
    gains[3] *= 64;
    columns[3] /= 64;
    float[] after = fold("after", gains, columns).factors();
    before[3] *= 64;
    assertThat(after).isEqualTo(before);
  }

  private NormFold fold(String name, float[] gains, float[] columns) {
    return new NormFold(
        list(name + "gain", gains),
        null,
        List.of(tensor(name, List.of(1L, (long) columns.length), columns)));
  }

  private static LoadedModel load(Path checkpoint) {
    return new ArrayBackend()
        .load(
            new LoadRequest(
                Checkpoint.open(checkpoint),
                new Execution(Device.CPU, 1, WeightLayout.MAPPED),
                Path.of("none"),
                LoadListener.NONE));
  }

  /** All norms of both kinds of models, by powers of two: the oracle computes bit for bit alike. */
  @Test
  void scaledWeightsComputeTheSame() {
    for (String name : List.of("tiny-opt", "tiny-t5")) {
      Path plain = Fixtures.directory(name);
      Path scaled = scaled(name);
      Golden golden = new Golden(plain);
      int vocabulary = Checkpoint.open(plain).config().text().vocabularySize();
      float[] pixels = golden.tensor("landscape.png/pixel_values");
      float[] features = golden.tensor("landscape.png/projected");
      try (LoadedModel one = load(plain);
          LoadedModel other = load(scaled)) {
        assertThat(other.vision().encode(pixels, 1)).isEqualTo(one.vision().encode(pixels, 1));
        assertThat(logits(other, features, vocabulary))
            .isEqualTo(logits(one, features, vocabulary));
      }
    }
  }

  private static float[] logits(LoadedModel model, float[] features, int vocabulary) {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = model.language().open(1, 40)) {
      session.append(features, new int[][] {{5, 6, 7}}, logits);
    }
    return logits;
  }

  private Path scaled(String name) {
    Path copy = Fixtures.copy(name, folder.resolve(name));
    ModelProgram program = Checkpoint.open(copy).program();
    Map<String, float[]> factors = new HashMap<>();
    int found = 0;
    for (WeightUses uses : List.of(program.vision().weights(), program.language().weights())) {
      for (NormFold fold : uses.folds()) {
        if (fold.linear().stream().anyMatch(uses.tables()::contains)) {
          continue; // a head that is the token table too
        }
        found++;
        float[] columns = varied(fold);
        fold.linear().forEach(w -> factors.put(w.name(), columns));
        fold.norm().forEach(w -> factors.put(w.name(), inverse(columns)));
      }
    }
    assertThat(found).isGreaterThanOrEqualTo(8);
    Path file = copy.resolve("model.safetensors");
    List<WeightTensor> tensors = Weights.ofFile(file).all();
    Path target = copy.resolve("scaled.safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(
            target,
            tensors.stream()
                .map(t -> new SafetensorsWriter.Entry(t.name(), DType.F32, t.shape()))
                .toList())) {
      for (WeightTensor tensor : tensors) {
        float[] values = tensor.floats();
        float[] by = factors.getOrDefault(tensor.name(), new float[] {1});
        for (int i = 0; i < values.length; i++) {
          values[i] *= by[i % by.length];
        }
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
    assertThat(target.toFile().renameTo(file.toFile())).isTrue();
    return copy;
  }

  /** The fold's own factors, and some that are far apart. */
  private static float[] varied(NormFold fold) {
    float[] factors = fold.factors();
    for (int i = 0; i < factors.length; i++) {
      factors[i] *= Math.scalb(1f, i % 7 - 3);
    }
    return factors;
  }

  private static float[] inverse(float[] factors) {
    float[] inverse = new float[factors.length];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = 1 / factors[i];
    }
    return inverse;
  }

  /** A norm behind the residual stream is added to it, as the Q-Former's are. */
  @Test
  void normsOfRealNetworksAreFoundWhereTheyAre() {
    ModelProgram opt = Checkpoint.open(Fixtures.directory("tiny-opt")).program();
    assertThat(names(opt.vision())).allMatch(n -> n.contains("layer_norm")).hasSize(2 * 3);
    assertThat(names(opt.qformer())).isEmpty();
    assertThat(names(opt.language().decoder()))
        .anyMatch(n -> n.endsWith("self_attn_layer_norm.weight"))
        .anyMatch(n -> n.endsWith("decoder.final_layer_norm.weight"));
    for (String name : Fixtures.RELATIVES) {
      ModelProgram program = Checkpoint.open(Fixtures.directory(name)).program();
      assertThat(names(program.language().decoder())).as(name).isNotEmpty();
    }
  }

  private static List<String> names(Stage stage) {
    return Stream.of(stage.weights())
        .flatMap(uses -> uses.folds().stream())
        .map(fold -> fold.gain().name())
        .toList();
  }
}
