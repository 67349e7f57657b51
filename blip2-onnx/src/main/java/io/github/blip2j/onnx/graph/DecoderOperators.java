package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.INT64;

/** What decoders need beyond the other operators, ONNX Runtime's own kernels among it. */
sealed interface DecoderOperators permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /** x·σ(x): QuickGelu, x·σ(αx), with α = 1. */
  default Tensor silu() {
    return Operator.microsoft("QuickGelu", self())
        .floats()
        .with("alpha", 1.0)
        .gives(self().type(), self().shape());
  }

  /**
   * Angles of positions, int64 (B,T).
   *
   * @param frequencies (d/2) radians a position
   * @return (B·T,d/2)
   */
  default Tensor angles(float[] frequencies) {
    Tensor column = self().cast(ElementType.FLOAT32).reshape(-1, 1);
    return column.mul(self().graph().reals(frequencies));
  }

  /** The cosine of each element. */
  default Tensor cosines() {
    return Operator.of("Cos", self()).floats().gives(self().type(), self().shape());
  }

  /** The sine of each element. */
  default Tensor sines() {
    return Operator.of("Sin", self()).floats().gives(self().type(), self().shape());
  }

  /**
   * Rotary positions by halves, of (B,T,H·d).
   *
   * @param places (B,T) int64, row of each position in the tables
   * @param cosines (P,d/2)
   * @param sines (P,d/2)
   * @return (B,T,H·d)
   */
  default Tensor rotate(Tensor places, Tensor cosines, Tensor sines) {
    Tensor x = self();
    Operator operator = Operator.microsoft("RotaryEmbedding", x, places, cosines, sines);
    operator.rank(0, 3).type(1, INT64).rank(1, 2).rank(2, 2).rank(3, 2);
    boolean alike = x.type().isFloat() && x.type() == cosines.type() && x.type() == sines.type();
    operator.expect(alike, "angles of the type of what is turned");
    long half = cosines.size(1);
    long width = x.size(2);
    operator.expect(
        half < 0 || width < 0 || width % (2 * half) == 0, "heads of %d numbers", 2 * half);
    operator.expect(
        cosines.shape().axis(1).fits(sines.shape().axis(1)), "as many sines as cosines");
    return operator.with("interleaved", 0).gives(x.type(), x.shape());
  }
}
