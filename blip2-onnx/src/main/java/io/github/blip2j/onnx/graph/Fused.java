package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT8;
import static io.github.blip2j.onnx.graph.ElementType.UINT8;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime's own operators (its {@code docs/ContribOperators.md}), of the domain {@code
 * com.microsoft}.
 */
sealed interface Fused permits Tensor {
  /** Of a row of zeros, which would be divided by zero. */
  float SMALLEST_STEP = 1e-30f;

  private Tensor self() {
    return (Tensor) this;
  }

  /** x·Φ(x). */
  default Tensor gelu() {
    return Operator.microsoft("Gelu", self()).floats().gives(self().type(), self().shape());
  }

  /** Gelu by its tanh formula. */
  default Tensor fastGelu() {
    return Operator.microsoft("FastGelu", self()).floats().gives(self().type(), self().shape());
  }

  /**
   * How a weight (out,in) of few bits is laid out.
   *
   * @param columns of the weight, in
   * @param bits four or eight
   * @param size weights that share a scale
   * @param roundsActivations to 8 bits, block by block: of few rows four times as fast as without,
   *     where the weight is widened for each product
   */
  record WeightBlocks(int columns, int bits, int size, boolean roundsActivations) {
    private static final int FLOAT32_ACTIVATIONS = 1; // numbers of ONNX Runtime
    private static final int INT8_ACTIVATIONS = 4;

    int accuracyLevel() {
      return roundsActivations ? INT8_ACTIVATIONS : FLOAT32_ACTIVATIONS;
    }
  }

  /**
   * The product with a weight of four or eight bits and a scale for each block of a row.
   *
   * @param weight (out, blocks, bytes of a block) uint8
   * @param scales (out, blocks)
   * @param bias (out), or none
   * @param blocks how the weight is laid out
   */
  default Tensor matMulNBits(
      Tensor weight, Tensor scales, @Nullable Tensor bias, WeightBlocks blocks) {
    Operator operator = Operator.microsoft("MatMulNBits", self(), weight, scales);
    operator.type(0, FLOAT32).rank(0, 2).type(1, UINT8).type(2, FLOAT32);
    long count = blocks.columns() / blocks.size();
    operator.shape(0, "rows", blocks.columns());
    operator.shape(1, "out", count, (long) blocks.size() * blocks.bits() / 8);
    operator.shape(2, weight.size(0), count);
    operator.absent(2).optional(bias);
    if (bias != null) {
      operator.type(3, FLOAT32).shape(3, weight.size(0));
    }
    operator
        .with("K", blocks.columns())
        .with("N", weight.size(0))
        .with("bits", blocks.bits())
        .with("block_size", blocks.size())
        .with("accuracy_level", blocks.accuracyLevel());
    return operator.gives(FLOAT32, self().shape().with(1, weight.shape().axis(0)));
  }

  /**
   * The unsigned numbers that activations are rounded to.
   *
   * @param zero stands for 0, from 1 to most − 1
   * @param most the largest: 255, or 127 where the sum of two products with −127 to 127 must fit
   *     into 16 bits
   */
  record ByteRange(int zero, int most) {}

  /**
   * The product with a weight of eight bits and a scale for each column, of activations that are
   * rounded to eight bits with a scale for each row.
   *
   * @param weight (in,out) int8
   * @param scales (out)
   * @param bias (out), or none
   * @param bytes what activations become
   */
  default Tensor matMulOfBytes(
      Tensor weight, Tensor scales, @Nullable Tensor bias, ByteRange bytes) {
    OnnxGraph graph = self().graph();
    Tensor above = self().reduceMax(1, true).mul(1f / (bytes.most() - bytes.zero()));
    Tensor below = self().reduceMin(1, true).mul(-1f / bytes.zero());
    Tensor steps = above.max(below).max(graph.real(SMALLEST_STEP)); // (rows,1)
    Tensor list = steps.reshape(-1);
    Tensor middle = graph.integers(bytes.zero()).cast(UINT8);
    Operator rounding = Operator.of("QuantizeLinear", self(), list, middle.expand(list.sizes()));
    rounding.type(0, FLOAT32).rank(0, 2).with("axis", 0);
    Tensor numbers = rounding.gives(UINT8, self().shape());
    Operator operator =
        Operator.microsoft("MatMulIntegerToFloat", numbers, weight, graph.real(1), scales, middle);
    operator.type(1, INT8).rank(1, 2).type(3, FLOAT32);
    operator.expect(
        self().shape().axis(1).fits(weight.shape().axis(0)),
        "as many rows in the weight as columns");
    operator.shape(3, weight.size(1));
    Tensor product = operator.gives(FLOAT32, self().shape().with(1, weight.shape().axis(1)));
    Tensor scaled = product.mul(steps);
    return bias == null ? scaled : scaled.add(bias);
  }

  /** Keys and values. */
  record KeysValues(Tensor keys, Tensor values) {}

  /**
   * Attention of queries (B,T,D) to all keys.
   *
   * @param seen (B,S,D) both, or (B,H,S,D/H) both
   * @param bias added to the scores, (B or 1, H or 1, T, S), or none
   * @return (B,T,D)
   */
  default Tensor multiHeadAttention(
      KeysValues seen, int heads, double scale, @Nullable Tensor bias) {
    Operator operator =
        Operator.microsoft("MultiHeadAttention", self(), seen.keys(), seen.values()).floats();
    operator.rank(0, 3);
    long width = self().size(2);
    operator.expect(width < 0 || width % heads == 0, "a width that %d heads divide", heads);
    Object[] axes =
        seen.keys().shape().rank() == 4 && width >= 0
            ? new Object[] {"B", heads, "S", width / heads}
            : new Object[] {"B", "S", width < 0 ? "D" : width};
    operator.shape(1, axes).shape(2, axes);
    if (bias != null) {
      operator.absent(2).given(bias).floats().rank(3, 4);
    }
    operator.with("num_heads", heads).with("scale", scale);
    return operator.gives(self().type(), self().shape());
  }

  /**
   * What attention to a cache is given beside its queries.
   *
   * @param own keys and values of the step's vectors, (B,T,K·d)
   * @param past keys and values of the cache, (B,K,C,d), whose K heads several queries may share
   * @param lastKey index of each row's last key, (B) int32
   * @param total keys of the longest row, () int32
   * @param heads of the queries, H
   * @param scale of the scores
   * @param bias added to the scores, (B,H,T,S), or none
   */
  record CacheStep(
      KeysValues own,
      KeysValues past,
      Tensor lastKey,
      Tensor total,
      int heads,
      double scale,
      @Nullable Tensor bias) {}

  /** What attention to a cache gives: what was seen, and the cache with the step's vectors. */
  record Cached(Tensor seen, KeysValues present) {}

  /**
   * Attention of queries (B,T,H·d) to a cache, to which the step's own keys and values are
   * appended.
   */
  default Cached groupQueryAttention(CacheStep step) {
    Tensor past = step.past().keys();
    Operator operator =
        Operator.microsoft("GroupQueryAttention", self(), step.own().keys(), step.own().values())
            .given(List.of(past, step.past().values()))
            .floats();
    operator.rank(3, 4);
    long width = past.size(3);
    long shared = past.size(1);
    operator.shape(4, "B", shared, "C", width);
    operator.shape(0, "B", "T", step.heads() * width);
    operator.shape(1, "B", "T", shared * width).shape(2, "B", "T", shared * width);
    operator.given(step.lastKey()).type(5, INT32).rank(5, 1);
    operator.given(step.total()).type(6, INT32).rank(6, 0);
    if (step.bias() != null) {
      operator.absent(3).given(step.bias()).rank(7, 4);
      operator.expect(step.bias().type() == self().type(), "a bias of the queries' type");
    }
    operator.with("num_heads", step.heads()).with("kv_num_heads", shared);
    operator.with("scale", step.scale());
    List<Tensor> all =
        operator.gives(
            List.of(
                Operator.Result.like(self()),
                Operator.Result.like(past),
                Operator.Result.like(step.past().values())));
    return new Cached(all.get(0), new KeysValues(all.get(1), all.get(2)));
  }
}
