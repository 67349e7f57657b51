package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each setting of an adapter makes of the weights, number by number. */
class AdapterMergeTest {
  private static final String LAYER = "language_model.model.decoder.layers.0.";
  private static final String QUERY = LAYER + "self_attn.q_proj";
  private static final String TABLE = "language_model.model.decoder.embed_tokens";
  private static final String HEAD = "language_model.lm_head";
  private static final int WIDTH = 40;
  private static final int VOCABULARY = 448;
  private static final Offset<Double> NEAR = within(1e-6);

  @TempDir Path folder;

  private final Checkpoint base = Checkpoint.open(Fixtures.directory("tiny-opt"));

  private Checkpoint merged(AdapterFiles adapter) {
    Path written = adapter.write(folder.resolve("adapter" + System.nanoTime()));
    return base.withAdapter(written, folder.resolve("cache"));
  }

  private static WeightTensor tensor(Checkpoint checkpoint, String name) {
    return checkpoint.weights().all().stream()
        .filter(t -> t.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name));
  }

  private void check(Checkpoint merged, String name, IntToDoubleFunction change) {
    float[] before = tensor(base, name).floats();
    float[] after = tensor(merged, name).floats();
    assertThat(after).hasSameSizeAs(before);
    double most = 0;
    for (int i = 0; i < after.length; i++) {
      assertThat((double) after[i])
          .as(name + " " + i)
          .isCloseTo(before[i] + change.applyAsDouble(i), NEAR);
      most = Math.max(most, Math.abs(change.applyAsDouble(i)));
    }
    assertThat(most).isGreaterThan(0.01);
  }

  /** Element i of scale · B·A, where the product has so many columns. */
  private static double product(
      AdapterFiles adapter, String module, int columns, double scale, int i) {
    float[] a = adapter.values(module + ".lora_A.weight");
    float[] b = adapter.values(module + ".lora_B.weight");
    int rank = a.length / columns;
    double sum = 0;
    for (int k = 0; k < rank; k++) {
      sum += (double) b[i / columns * rank + k] * a[k * columns + i % columns];
    }
    return scale * sum;
  }

  private static AdapterFiles query(Consumer<ObjectNode> config) {
    return new AdapterFiles().config(config).layer(QUERY, 2, WIDTH, WIDTH);
  }

  private void checkQuery(AdapterFiles adapter, double scale) {
    check(merged(adapter), QUERY + ".weight", i -> product(adapter, QUERY, WIDTH, scale, i));
  }

  @Test
  void aPlainChangeIsScaledByAlphaOverRank() {
    checkQuery(query(c -> {}), 1.5);
  }

  @Test
  void aStabilisedChangeIsScaledByAlphaOverTheRoot() {
    checkQuery(query(c -> c.put("use_rslora", true)), 3 / Math.sqrt(2));
  }

  @Test
  void patternsGiveRankAndAlphaEachForItself() {
    checkQuery(query(c -> c.put("r", 7).putObject("rank_pattern").put("q_proj", 2)), 1.5);
    checkQuery(query(c -> c.putObject("alpha_pattern").put("q_proj", 5)), 2.5);
    checkQuery(
        query(c -> c.put("r", 7).putObject("rank_pattern").put("layers\\.\\d+\\..*_proj", 2)), 1.5);
  }

  /** The first pattern that matches from a dot on, to the end. */
  @Test
  void theFirstPatternThatMatchesCounts() {
    checkQuery(
        query(c -> c.putObject("alpha_pattern").put("proj", 9).put("q_proj", 5).put(".*", 9)), 2.5);
    checkQuery(query(c -> c.putObject("alpha_pattern").put("q", 9).put("self_attn", 9)), 1.5);
  }

  @Test
  void namesMayHaveAnAdaptersNameOrTheirPrefixTwice() {
    AdapterFiles plain = query(c -> {});
    float[] expected = tensor(merged(plain), QUERY + ".weight").floats();
    AdapterFiles twice =
        query(c -> {}).renamed("base_model.model.", "base_model.model.base_model.model.");
    assertThat(tensor(merged(twice), QUERY + ".weight").floats()).containsExactly(expected);
    AdapterFiles called = query(c -> {}).renamed(".weight", ".default.weight");
    assertThat(tensor(merged(called), QUERY + ".weight").floats()).containsExactly(expected);
  }

  @Test
  void targetsAreNamesOrAnExpression() {
    checkQuery(query(c -> c.putArray("target_modules").add("v_proj").add("q_proj")), 1.5);
    checkQuery(query(c -> c.put("target_modules", ".*layers\\.\\d\\.self_attn\\.[qk]_proj")), 1.5);
    checkQuery(query(c -> c.put("target_modules", "all-linear")), 1.5);
    checkQuery(query(c -> c.put("layers_to_transform", 0)), 1.5);
    checkQuery(query(c -> c.putArray("layers_to_transform").add(2).add(0)), 1.5);
  }

  @Test
  void theBiasOfTheSecondFactorChangesTheBias() {
    AdapterFiles adapter = query(c -> {}).tensor(QUERY + ".lora_B.bias", WIDTH);
    check(merged(adapter), QUERY + ".bias", i -> 1.5 * adapter.values(QUERY + ".lora_B.bias")[i]);
  }

  @Test
  void rowsHaveTheirOwnLengthsWithDora() {
    AdapterFiles adapter =
        query(c -> c.put("use_dora", true))
            .tensor(QUERY + ".lora_magnitude_vector", WIDTH)
            .fill(QUERY + ".lora_magnitude_vector", 3);
    float[] before = tensor(base, QUERY + ".weight").floats();
    float[] after = tensor(merged(adapter), QUERY + ".weight").floats();
    for (int row = 0; row < WIDTH; row++) {
      double square = 0;
      double wanted = 0;
      double both = 0;
      for (int i = row * WIDTH; i < (row + 1) * WIDTH; i++) {
        double direction = before[i] + product(adapter, QUERY, WIDTH, 1.5, i);
        square += after[i] * after[i];
        wanted += direction * direction;
        both += after[i] * direction;
      }
      assertThat(Math.sqrt(square)).isCloseTo(3, within(1e-5));
      assertThat(both / Math.sqrt(square * wanted)).isCloseTo(1, within(1e-6));
    }
  }

  /** B is a convolution over single pixels there, so that the product is one of matrices. */
  @Test
  void aConvolutionIsAMatrixOfItsPatches() {
    String patches = "vision_model.embeddings.patch_embedding";
    AdapterFiles adapter =
        new AdapterFiles()
            .tensor(patches + ".lora_A.weight", 2, 3, 14, 14)
            .tensor(patches + ".lora_B.weight", 24, 2, 1, 1);
    Checkpoint merged = merged(adapter);
    check(merged, patches + ".weight", i -> product(adapter, patches, 3 * 14 * 14, 1.5, i));
    assertThat(tensor(merged, patches + ".weight").shape()).containsExactly(24L, 3L, 14L, 14L);
  }

  /** Stored (in, out); whether it is, the widths say. */
  @Test
  void aTransposedWeightIsChangedTransposed() {
    String up = LAYER + "fc1";
    AdapterFiles adapter =
        new AdapterFiles().config(c -> c.put("fan_in_fan_out", true)).layer(up, 2, 104, WIDTH);
    check(
        merged(adapter),
        up + ".weight",
        i -> product(adapter, up, 104, 1.5, i % WIDTH * 104 + i / WIDTH));
    AdapterFiles usual =
        new AdapterFiles().config(c -> c.put("fan_in_fan_out", true)).layer(up, 2, WIDTH, 104);
    check(merged(usual), up + ".weight", i -> product(usual, up, WIDTH, 1.5, i));
  }

  @Test
  void aTokenTableChangesByItself() {
    AdapterFiles adapter =
        new AdapterFiles()
            .tensor(TABLE + ".lora_embedding_A", 2, VOCABULARY)
            .tensor(TABLE + ".lora_embedding_B", WIDTH, 2);
    Checkpoint merged = merged(adapter);
    float[] a = adapter.values(TABLE + ".lora_embedding_A");
    float[] b = adapter.values(TABLE + ".lora_embedding_B");
    check(
        merged,
        TABLE + ".weight",
        i -> {
          int token = i / WIDTH;
          int axis = i % WIDTH;
          return 1.5 * (a[token] * b[2 * axis] + a[VOCABULARY + token] * b[2 * axis + 1]);
        });
    assertThat(tensor(merged, HEAD + ".weight").floats())
        .containsExactly(tensor(base, TABLE + ".weight").floats());
  }

  /** As the reference runs it: merging there would change the table too. */
  @Test
  void aTiedHeadChangesByItself() {
    assertThat(base.weights().has(HEAD + ".weight")).isFalse();
    AdapterFiles adapter = new AdapterFiles().layer(HEAD, 2, WIDTH, VOCABULARY);
    Checkpoint merged = merged(adapter);
    float[] table = tensor(base, TABLE + ".weight").floats();
    float[] head = tensor(merged, HEAD + ".weight").floats();
    for (int i = 0; i < head.length; i++) {
      assertThat((double) head[i])
          .isCloseTo(table[i] + product(adapter, HEAD, WIDTH, 1.5, i), NEAR);
    }
    assertThat(tensor(merged, TABLE + ".weight")).isEqualTo(tensor(base, TABLE + ".weight"));
  }

  @Test
  void wholeModulesAreUsedWhereTheyLie() {
    AdapterFiles adapter =
        query(c -> {})
            .tensor("language_projection.weight", WIDTH, 32)
            .tensor(LAYER + "fc2.base_layer.bias", WIDTH)
            .tensor("language_projection.modules_to_save.default.bias", WIDTH);
    Checkpoint merged = merged(adapter);
    WeightTensor projection = tensor(merged, "language_projection.weight");
    assertThat(projection.file()).endsWith(Path.of("adapter_model.safetensors"));
    assertThat(projection.floats()).containsExactly(adapter.values("language_projection.weight"));
    assertThat(tensor(merged, LAYER + "fc2.bias").floats())
        .containsExactly(adapter.values(LAYER + "fc2.base_layer.bias"));
    assertThat(tensor(merged, "language_projection.bias").floats())
        .containsExactly(adapter.values("language_projection.modules_to_save.default.bias"));
  }

  @Test
  void whatIsReplacedIsChangedAfterwards() {
    AdapterFiles adapter = query(c -> {}).tensor(QUERY + ".base_layer.weight", WIDTH, WIDTH);
    float[] whole = adapter.values(QUERY + ".base_layer.weight");
    float[] after = tensor(merged(adapter), QUERY + ".weight").floats();
    for (int i = 0; i < after.length; i++) {
      assertThat((double) after[i])
          .isCloseTo(whole[i] + product(adapter, QUERY, WIDTH, 1.5, i), NEAR);
    }
  }

  @Test
  void allElseStaysWhereItIs() {
    Checkpoint merged = merged(query(c -> {}));
    List<WeightTensor> others =
        merged.weights().all().stream().filter(t -> !t.name().equals(QUERY + ".weight")).toList();
    assertThat(base.weights().all()).containsAll(others).hasSize(others.size() + 1);
    assertThat(merged.weightFiles()).hasSize(2).containsAll(base.weightFiles());
    assertThat(merged.program().vision()).isNotNull();
  }

  /** Merged weights are float32, whatever the checkpoint has: nothing is rounded twice. */
  @Test
  void halfPrecisionIsWidenedWhereItIsChanged() throws IOException {
    Checkpoint half = Checkpoint.open(Fixtures.directory("tiny-opt-fp16-sharded"));
    AdapterFiles adapter = query(c -> {});
    Checkpoint merged =
        half.withAdapter(adapter.write(folder.resolve("half")), folder.resolve("cache"));
    float[] before = tensor(half, QUERY + ".weight").floats();
    float[] after = tensor(merged, QUERY + ".weight").floats();
    for (int i = 0; i < after.length; i++) {
      assertThat((double) after[i])
          .isCloseTo(before[i] + product(adapter, QUERY, WIDTH, 1.5, i), NEAR);
    }
    assertThat(Files.size(tensor(merged, QUERY + ".weight").file())).isGreaterThan(4L * 1600);
  }

  /** Which has no language model, no tied head and no token table of one. */
  @Test
  void aCheckpointThatMatchesHasAdaptersToo() {
    Checkpoint matching = Checkpoint.open(Fixtures.directory("tiny-itm"));
    String module = "qformer.encoder.layer.0.attention.attention.query";
    AdapterFiles adapter = new AdapterFiles().layer(module, 2, 32, 32);
    Checkpoint merged =
        matching.withAdapter(adapter.write(folder.resolve("itm")), folder.resolve("cache"));
    float[] before = tensor(matching, module + ".weight").floats();
    float[] after = tensor(merged, module + ".weight").floats();
    for (int i = 0; i < after.length; i++) {
      assertThat((double) after[i])
          .isCloseTo(before[i] + product(adapter, module, 32, 1.5, i), NEAR);
    }
    assertThat(merged.program().vision()).isNotNull();
  }

  @Test
  void mergingIsDoneOnceForEachAdapterAndCheckpoint() throws IOException {
    AdapterFiles adapter = query(c -> {});
    Path first = adapter.write(folder.resolve("first"));
    Path second = adapter.write(folder.resolve("second"));
    Path cache = folder.resolve("cache");
    Checkpoint one = base.withAdapter(first, cache);
    Checkpoint other = base.withAdapter(second, cache);
    assertThat(tensor(one, QUERY + ".weight")).isEqualTo(tensor(other, QUERY + ".weight"));
    assertThat(one.identity()).isEqualTo(other.identity());
    Checkpoint changed =
        base.withAdapter(query(c -> c.put("r", 2).put("lora_alpha", 4)).write(second), cache);
    assertThat(changed.identity()).isNotEqualTo(one.identity());
    assertThat(one.identity()).isNotEqualTo(base.identity());
    assertThat(tensor(changed, QUERY + ".weight")).isNotEqualTo(tensor(one, QUERY + ".weight"));
    Checkpoint both = one.withAdapter(second, cache);
    assertThat(both.identity()).isNotIn(one.identity(), changed.identity());
  }

  /** In bytes of the weights that change; what is in the cache is not told. */
  @Test
  void mergingIsToldFromItsBeginningToItsEnd() {
    Path adapter = Fixtures.directory("tiny-opt-lora-regex");
    Checkpoint fixture = Checkpoint.open(Fixtures.directory(Fixtures.ADAPTED), folder);
    List<Long> told = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    LoadListener listener =
        (stage, done, total) -> {
          assertThat(stage).isEqualTo("merging adapter");
          told.add(done);
          totals.add(total);
        };
    Checkpoint merged = fixture.withAdapter(adapter, folder, listener);
    List<WeightTensor> changed =
        fixture.weights().all().stream()
            .filter(t -> tensor(merged, t.name()).file().startsWith(folder.resolve("adapters")))
            .toList();
    assertThat(changed).hasSizeGreaterThan(3);
    assertThat(totals).containsOnly(changed.stream().mapToLong(WeightTensor::bytes).sum());
    assertThat(told).isSorted().hasSize(changed.size() + 1).startsWith(0L).endsWith(totals.get(0));
    fixture.withAdapter(adapter, folder, listener);
    assertThat(told).hasSize(changed.size() + 1);
  }

  /** Whoever stops it finds no half of a file afterwards. */
  @Test
  void whatAListenerThrowsEndsTheMerging() {
    Path adapter = query(c -> {}).write(folder.resolve("stopped"));
    Path cache = folder.resolve("cache");
    LoadListener stopping =
        (stage, done, total) -> {
          if (done == total) {
            throw new IllegalStateException("stop");
          }
        };
    assertThatThrownBy(() -> base.withAdapter(adapter, cache, stopping)).hasMessage("stop");
    assertThat(cache.resolve("adapters")).isDirectoryNotContaining("glob:**.safetensors");
    assertThat(tensor(base.withAdapter(adapter, cache), QUERY + ".weight").floats())
        .isNotEqualTo(tensor(base, QUERY + ".weight").floats());
  }
}
