package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.List;

/**
 * Patches of one image and several instructions to query vectors and what becomes of them: the
 * Q-Former of InstructBLIP (Dai et al. 2023, §2.3). Source: Transformers, {@code
 * InstructBlipQFormerModel}.
 */
record InstructedStage(QFormerNetwork network, TextEmbeddings embeddings) implements Stage.Body {
  /**
   * The stage; its outputs are those of {@link QFormerStage}.
   *
   * @param embeddings of the instructions
   * @param vision gives the patches
   */
  static Stage of(QFormerNetwork network, TextEmbeddings embeddings, Stage vision) {
    Axis tokens = Axis.any("T");
    List<Axis> patches = vision.outputs().get(0).axes();
    return Stage.of(
        "qformer",
        List.of(
            Stage.Input.floats(ModelProgram.PATCHES, Axis.of(1), patches.get(1), patches.get(2)),
            Stage.Input.integers(ModelProgram.IDS, Axis.BATCH, tokens),
            Stage.Input.integers(ModelProgram.POSITION_IDS, Axis.BATCH, tokens),
            Stage.Input.integers(ModelProgram.MASK, Axis.BATCH, Axis.any("QT"))),
        QFormerStage.outputs(network),
        new InstructedStage(network, embeddings));
  }

  @Override
  public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
    T text =
        embeddings.forward(
            ops, inputs.get(ModelProgram.IDS), inputs.get(ModelProgram.POSITION_IDS)); // (B,T,D)
    T queries =
        network.withText(
            ops, inputs.get(ModelProgram.PATCHES), text, inputs.get(ModelProgram.MASK)); // (B,Q,D)
    return List.of(queries, network.project(ops, queries)); // (B,Q,D), (B,Q,d)
  }
}
