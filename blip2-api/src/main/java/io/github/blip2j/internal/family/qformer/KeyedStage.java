package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.List;

/**
 * Patches to query vectors, and to the keys and values that each block has of them: all that a text
 * behind them sees of an image (Li et al. 2023, §3.2, image-grounded text generation). Queries do
 * not see the text, so that this is computed once.
 */
record KeyedStage(QFormerNetwork network) implements Stage.Body {
  /**
   * The stage.
   *
   * @param network of it
   * @param vision gives the patches
   */
  static Stage of(QFormerNetwork network, Stage vision) {
    Axis queries = Axis.of(network.queryTokens().size(1));
    int width = network.queryTokens().size(2);
    int kept = 2 * network.blocks().size() * width;
    return Stage.of(
        "qformer",
        List.of(
            new Stage.Input(
                ModelProgram.PATCHES, Stage.Type.FLOAT32, vision.outputs().get(0).axes())),
        List.of(
            Stage.Output.of(ModelProgram.QUERIES, Axis.BATCH, queries, Axis.of(width)),
            Stage.Output.of(ModelProgram.PROJECTED, Axis.BATCH, queries, Axis.of(kept))),
        new KeyedStage(network));
  }

  @Override
  public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
    T patches = inputs.get(ModelProgram.PATCHES); // (B,N,E)
    QFormerNetwork.Seen<T> image = new QFormerNetwork.Seen<>(patches, null);
    T x = network.start(ops, patches); // (B,Q,D)
    List<T> kept = new ArrayList<>();
    for (QFormerNetwork.Block block : network.blocks()) {
      kept.add(block.self().key().forward(ops, x)); // (B,Q,D)
      kept.add(block.self().value().forward(ops, x)); // (B,Q,D)
      x = block.forward(ops, x, image); // (B,Q,D)
    }
    return List.of(x, ops.join(kept)); // (B,Q,D), (B,Q,2·L·D)
  }
}
