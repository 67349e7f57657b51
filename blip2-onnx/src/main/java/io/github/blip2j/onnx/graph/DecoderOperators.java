package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.INT64;

/** What decoders need beyond the other operators, ONNX Runtime's own kernels among it. */
public final class DecoderOperators {
  private DecoderOperators() {}

  /** x·σ(x): QuickGelu, x·σ(αx), with α = 1. */
  public static Tensor silu(Tensor x) {
    return Operator.microsoft("QuickGelu", x)
        .floats()
        .with("alpha", 1.0)
        .gives(x.type(), x.shape());
  }

  /**
   * Angles of positions.
   *
   * @param positions int64, (B,T)
   * @param frequencies (d/2) radians a position
   * @return (B·T,d/2)
   */
  public static Tensor angles(Tensor positions, float[] frequencies) {
    Tensor column = positions.cast(ElementType.FLOAT32).reshape(-1, 1);
    return column.mul(list(positions.graph(), frequencies));
  }

  /** A list of numbers, float32, which are folded into one when the graph is opened. */
  public static Tensor list(OnnxGraph graph, float[] numbers) {
    Tensor first = graph.real(numbers[0]).reshape(1);
    Tensor[] others = new Tensor[numbers.length - 1];
    for (int j = 0; j < others.length; j++) {
      others[j] = graph.real(numbers[j + 1]).reshape(1);
    }
    return first.concat(0, others);
  }

  /** The cosine of each element. */
  public static Tensor cosines(Tensor x) {
    return Operator.of("Cos", x).floats().gives(x.type(), x.shape());
  }

  /** The sine of each element. */
  public static Tensor sines(Tensor x) {
    return Operator.of("Sin", x).floats().gives(x.type(), x.shape());
  }

  /**
   * Rotary positions by halves.
   *
   * @param x (B,T,H·d)
   * @param places (B,T) int64, row of each position in the tables
   * @param cosines (P,d/2)
   * @param sines (P,d/2)
   * @return (B,T,H·d)
   */
  public static Tensor rotate(Tensor x, Tensor places, Tensor cosines, Tensor sines) {
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
