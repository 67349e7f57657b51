package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.List;
import java.util.Objects;

/** Patches to query vectors and what becomes of them. */
record QFormerStage(QFormerNetwork network) implements Stage.Body {
  /**
   * The stage.
   *
   * @param network of it
   * @param vision gives the patches
   */
  static Stage of(QFormerNetwork network, Stage vision) {
    return Stage.of(
        "qformer",
        List.of(
            new Stage.Input(
                ModelProgram.PATCHES, Stage.Type.FLOAT32, vision.outputs().get(0).axes())),
        outputs(network),
        new QFormerStage(network));
  }

  /** Query vectors (B,Q,D), and what becomes of them (B,Q,d). */
  static List<Stage.Output> outputs(QFormerNetwork network) {
    Axis queries = Axis.of(network.queryTokens().size(1));
    Axis width = Axis.of(network.queryTokens().size(2));
    QFormerNetwork.Projection projection =
        Objects.requireNonNull(network.projection(), "projection");
    Axis projected = Axis.of(projection.linear().weight().size(0));
    return List.of(
        Stage.Output.of(ModelProgram.QUERIES, Axis.BATCH, queries, width),
        Stage.Output.of(ModelProgram.PROJECTED, Axis.BATCH, queries, projected));
  }

  @Override
  public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
    T queries = network.forward(ops, inputs.get(ModelProgram.PATCHES)); // (B,Q,D)
    return List.of(queries, network.project(ops, queries)); // (B,Q,D), (B,Q,d)
  }
}
