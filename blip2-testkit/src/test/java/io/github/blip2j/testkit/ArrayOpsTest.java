package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Rotary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oracle against numbers worked by hand. */
class ArrayOpsTest {
  private static final Offset<Double> CLOSE = within(1e-6);

  @TempDir Path folder;
  private final ArrayOps ops = new ArrayOps();

  private WeightTensor weight(String name, List<Long> shape, double... values) {
    Path file = folder.resolve(name + ".safetensors");
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    Arrays.stream(values).forEach(v -> bytes.putFloat((float) v));
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, List.of(new SafetensorsWriter.Entry(name, DType.F32, shape)))) {
      writer.write(bytes.flip());
      writer.commit();
    }
    return Weights.ofFile(file).all().get(0);
  }

  private static ArrayValue row(double... values) {
    return new ArrayValue(values, 1, 1, values.length);
  }

  @Test
  void linearIsRowsOfTheWeight() {
    WeightTensor w = weight("w", List.of(2L, 3L), 1, 2, 3, -1, 0, 1);
    WeightTensor b = weight("b", List.of(2L), 10, 20);
    assertThat(ops.linear(row(1, 1, 2), w, b).data()).containsExactly(19, 21);
    assertThat(ops.linear(row(1, 1, 2), w, null).data()).containsExactly(9, 1);
    assertThatIllegalArgumentException().isThrownBy(() -> ops.linear(row(1, 1), w, b));
  }

  @Test
  void joiningUndoesSplitting() {
    ArrayValue x = new ArrayValue(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 4);
    assertThat(ops.split(x, 2).get(1).data()).containsExactly(3, 4, 7, 8);
    assertThat(ops.join(ops.split(x, 2)).data()).containsExactly(x.data());
    assertThat(ops.join(ops.split(x, 4)).data()).containsExactly(x.data());
    assertThat(ops.join(List.of(row(1, 2), row(3, 4))).data()).containsExactly(1, 2, 3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ops.join(List.of(row(1), row(1, 2))))
        .withMessageContaining("join: expected shape");
  }

  @Test
  void whatIsBehindIsAllButTheFront() {
    ArrayValue x = new ArrayValue(new double[] {1, 2, 3, 4, 5, 6}, 1, 3, 2);
    ArrayValue one = new ArrayValue(new double[] {0, 0, 0, 0}, 1, 1, 4);
    assertThat(ops.behind(x, one).data()).containsExactly(3, 4, 5, 6);
    assertThat(ops.behind(x, ArrayValue.zeros(1, 0, 4)).data()).containsExactly(x.data());
    assertThat(ops.behind(x, x).shape()).containsExactly(1, 0, 2);
  }

  @Test
  void layerNormDividesByTheBiasedDeviation() {
    WeightTensor w = weight("w", List.of(3L), 1, 2, 1);
    WeightTensor b = weight("b", List.of(3L), 0, 0, 5);
    // mean 2, variance 2/3: (1-2)/0.81650 = -1.224745
    assertThat(ops.layerNorm(row(1, 2, 3), w, b, 0).data())
        .containsExactly(new double[] {-1.224745, 0, 6.224745}, CLOSE);
    assertThat(ops.layerNorm(row(1, 2, 3), w, b, 1 / 3d).data())
        .containsExactly(new double[] {-1, 0, 6}, CLOSE);
  }

  @Test
  void geluIsExactAndReluCuts() {
    // x Φ(x) with Φ(1) = 0.8413447, Φ(-2) = 0.0227501
    assertThat(ops.gelu(row(1, 0, -2)).data())
        .containsExactly(new double[] {0.8413447, 0, -0.0455003}, CLOSE);
    assertThat(ops.relu(row(1, 0, -2)).data()).containsExactly(1, 0, 0);
    assertThat(ArrayOps.erf(7)).isEqualTo(1);
  }

  @Test
  void siluWeighsByTheLogisticFunction() {
    // 1/(1+e^-1) = 0.7310586, 1/(1+e^2) = 0.1192029
    assertThat(ops.silu(row(1, 0, -2)).data())
        .containsExactly(new double[] {0.7310586, 0, -0.2384058}, CLOSE);
  }

  @Test
  void rotationTurnsPairsOfHalvesByTheirPositions() {
    // Two heads of width 2, so one pair each and the frequency 1; cos 1 = 0.5403023, sin 1 =
    // 0.8414710, cos 2 = -0.4161468, sin 2 = 0.9092974
    ArrayValue x = new ArrayValue(new double[] {1, 0, 0, 1, 1, 0, 2, 3}, 1, 2, 4);
    ArrayValue positions = new ArrayValue(new double[] {1, 2}, 1, 2, 1);
    double[] expected = {
      0.5403023,
      0.8414710,
      -0.8414710,
      0.5403023,
      -0.4161468,
      0.9092974,
      2 * -0.4161468 - 3 * 0.9092974,
      3 * -0.4161468 + 2 * 0.9092974
    };
    assertThat(ops.rotate(x, positions, new Rotary(2, 10_000, 1)).data())
        .containsExactly(expected, CLOSE);
  }

  @Test
  void rotationPairsHalvesAndNotNeighbours() {
    // One head of width 4: pairs (x0,x2) by 1 and (x1,x3) by 0.01 radians a position
    ArrayValue turned =
        ops.rotate(
            row(1, 1, 0, 0), new ArrayValue(new double[] {1}, 1, 1, 1), new Rotary(4, 10_000, 1));
    assertThat(turned.data())
        .containsExactly(new double[] {0.5403023, 0.99995, 0.8414710, 0.0099998}, CLOSE);
    ArrayValue first =
        ops.rotate(row(1, 2, 3, 4), ArrayValue.zeros(1, 1, 1), new Rotary(4, 10_000, 1));
    assertThat(first.data()).containsExactly(1, 2, 3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> ops.rotate(row(1, 2), ArrayValue.zeros(1, 2, 1), new Rotary(2, 10_000, 1)));
  }

  @Test
  void distanceBiasFallsByEachHeadsSlope() {
    ArrayValue distances = new ArrayValue(new double[] {1, 0, -1, 2, 1, 0}, 1, 2, 3);
    ArrayValue bias = ops.distanceBias(distances, new float[] {0.5f, 0.25f});
    double hidden = Double.NEGATIVE_INFINITY;
    assertThat(bias.shape()).containsExactly(1, 4, 3);
    assertThat(bias.data())
        .containsExactly(
            new double[] {-0.5, 0, hidden, -1, -0.5, 0, -0.25, 0, hidden, -0.5, -0.25, 0},
            within(0.0));
  }

  @Test
  void partsAreCutWithinEachHead() {
    // two heads of three parts of width 1: q0 k0 v0 q1 k1 v1
    List<ArrayValue> parts = ops.splitHeads(row(1, 2, 3, 4, 5, 6), 2, 3);
    assertThat(parts.get(0).data()).containsExactly(1, 4);
    assertThat(parts.get(1).data()).containsExactly(2, 5);
    assertThat(parts.get(2).data()).containsExactly(3, 6);
    // one head of two parts of width 2 is cut as a whole
    assertThat(ops.splitHeads(row(1, 2, 3, 4), 1, 2).get(1).data()).containsExactly(3, 4);
  }

  @Test
  void attentionWeighsValuesByLikeness() {
    ArrayValue q = new ArrayValue(new double[] {1, 0}, 1, 1, 2);
    ArrayValue k = new ArrayValue(new double[] {2, 9, 0, 9, 0, 9}, 1, 3, 2);
    ArrayValue v = new ArrayValue(new double[] {1, 10, 2, 20, 3, 30}, 1, 3, 2);
    // one head, scale 0.5: scores 1, 0, 0; weights e/(e+2) = 0.5761169, then 0.2119416 each
    double[] one = {0.5761169 + 5 * 0.2119416, 5.761169 + 50 * 0.2119416};
    assertThat(ops.attention(new Ops.Attended<>(q, k, v), Heads.of(1, 0.5), null).data())
        .containsExactly(one, within(1e-5));
    // two heads: the second query is 0, so its weights are equal
    double[] two = {0.5761169 + 5 * 0.2119416, 20};
    assertThat(ops.attention(new Ops.Attended<>(q, k, v), Heads.of(2, 0.5), null).data())
        .containsExactly(two, within(1e-5));
  }

  @Test
  void attentionWeightsAreThoseOfTheValues() {
    ArrayValue q = new ArrayValue(new double[] {1, 0}, 1, 1, 2);
    ArrayValue k = new ArrayValue(new double[] {2, 9, 0, 9, 0, 9}, 1, 3, 2);
    ArrayValue one = ops.attentionWeights(q, k, Heads.of(1, 0.5));
    assertThat(one.shape()).containsExactly(1, 1, 3);
    assertThat(one.data())
        .containsExactly(new double[] {0.5761169, 0.2119416, 0.2119416}, within(1e-5));
    // two heads of width 1, one behind another: the second's query is 0
    ArrayValue two = ops.attentionWeights(q, k, Heads.of(2, 0.5));
    assertThat(two.shape()).containsExactly(1, 2, 3);
    assertThat(two.data())
        .containsExactly(
            new double[] {0.5761169, 0.2119416, 0.2119416, 1 / 3., 1 / 3., 1 / 3.}, within(1e-5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ops.attentionWeights(q, row(1), Heads.of(1, 1)));
  }

  @Test
  void patchesAreTakenRowByRow() {
    WeightTensor w = weight("w", List.of(1L, 3L, 1L, 1L), 1, 10, 100);
    WeightTensor b = weight("b", List.of(1L), 0.5);
    double[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0};
    ArrayValue x = new ArrayValue(pixels, 1, 6, 2);
    assertThat(ops.patchEmbedding(x, w, b).data()).containsExactly(951.5, 62.5, 73.5, 84.5);
  }

  @Test
  void splitConcatAndEmbeddingMoveNumbers() {
    List<ArrayValue> parts = ops.split(row(1, 2, 3, 4, 5, 6), 3);
    assertThat(parts.get(1).data()).containsExactly(3, 4);
    assertThat(ops.concat(parts.get(0), parts.get(2)).data()).containsExactly(1, 2, 5, 6);
    WeightTensor table = weight("t", List.of(3L, 1L), 7, 8, 9);
    assertThat(ops.embedding(new ArrayValue(new double[] {0, 1}, 1, 2, 1), table, 1).data())
        .containsExactly(8, 9);
  }
}
