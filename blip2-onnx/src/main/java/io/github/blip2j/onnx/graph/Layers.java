package io.github.blip2j.onnx.graph;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;

import org.jspecify.annotations.Nullable;

/** The layers of a network that are operators. */
sealed interface Layers permits Tensor {
  private Tensor self() {
    return (Tensor) this;
  }

  /**
   * x·Wᵀ + b.
   *
   * @param weight (out,in)
   * @param bias (out), or none
   * @return (rows,out)
   */
  default Tensor gemm(Tensor weight, @Nullable Tensor bias) {
    Operator operator = Operator.of("Gemm", self(), weight).rank(0, 2).rank(1, 2);
    operator.expect(
        self().shape().axis(1).fits(weight.shape().axis(1)), "a weight of as many columns");
    if (bias != null) {
      operator.given(bias).rank(2, 1);
      operator.expect(
          bias.shape().axis(0).fits(weight.shape().axis(0)), "a bias of as many as rows");
    }
    operator.floats().with("transB", 1);
    return operator.gives(self().type(), self().shape().with(1, weight.shape().axis(0)));
  }

  /** Layer norm over the last axis; weight and bias are of its size. */
  default Tensor layerNorm(Tensor weight, Tensor bias, double eps) {
    return normed(Operator.of("LayerNormalization", self(), weight, bias), eps);
  }

  /** Root mean square norm over the last axis; an operator of ONNX Runtime's in the first set. */
  default Tensor rmsNorm(Tensor weight, double eps) {
    return normed(Operator.of("SimplifiedLayerNormalization", self(), weight), eps);
  }

  private Tensor normed(Operator operator, double eps) {
    operator.floats();
    Shape last = Shape.of(1).with(0, self().shape().axis(-1));
    operator.expect(operator.common().equals(self().shape()), "parameters of shape %s", last);
    operator.with("axis", -1).with("epsilon", eps);
    return operator.gives(self().type(), self().shape());
  }

  /** Each vector along an axis by its Euclidean length. */
  default Tensor normalize(int axis) {
    Operator operator = Operator.of("LpNormalization", self()).floats();
    return operator.with("axis", axis).with("p", 2).gives(self().type(), self().shape());
  }

  /**
   * Convolution of squares without overlap.
   *
   * @param weight (E,C,patch,patch)
   * @param bias (E)
   * @return (B,E,height/patch,width/patch) of (B,C,height,width)
   */
  default Tensor patches(Tensor weight, Tensor bias) {
    Operator operator = Operator.of("Conv", self(), weight, bias).alike().type(0, FLOAT32);
    operator.rank(0, 4).rank(1, 4).rank(2, 1);
    int patch = (int) weight.size(3);
    operator.expect(weight.shape().axis(2).is(patch), "a weight of square patches");
    operator.expect(
        self().shape().axis(1).fits(weight.shape().axis(1))
            && bias.shape().axis(0).fits(weight.shape().axis(0)),
        "a weight of as many channels, and a bias of as many as it gives");
    int[] square = {patch, patch};
    operator.with("kernel_shape", square).with("strides", square);
    Shape grid = self().shape().with(1, weight.shape().axis(0));
    for (int axis = 2; axis < 4; axis++) {
      Shape.Axis side = grid.axis(axis);
      grid =
          grid.with(
              axis, side.isFixed() ? Shape.Axis.fixed(side.size() / patch) : Shape.Axis.UNKNOWN);
    }
    return operator.gives(FLOAT32, grid);
  }
}
