package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram.Matching;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.List;

/** The stages of the heads that match images and texts. */
final class RetrievalProgram {
  private final RetrievalNetwork network;

  private RetrievalProgram(RetrievalNetwork network) {
    this.network = network;
  }

  /**
   * Names and shapes of a checkpoint's text embeddings and heads.
   *
   * @param patches axes of the vision encoder's output
   */
  static Matching of(
      RetrievalConfig config, QFormerNetwork qformer, Weights weights, List<Axis> patches) {
    RetrievalProgram program = new RetrievalProgram(RetrievalNetwork.of(config, qformer, weights));
    Axis tokens = Axis.any("T");
    Axis width = Axis.of(qformer.queryTokens().size(2));
    Axis queries = Axis.of(qformer.queryTokens().size(1));
    List<Stage.Input> text =
        List.of(
            Stage.Input.integers(Matching.IDS, Axis.BATCH, tokens),
            Stage.Input.integers(Matching.POSITION_IDS, Axis.BATCH, tokens),
            Stage.Input.integers(Matching.MASK, Axis.BATCH, tokens));
    List<Stage.Input> pairs = new ArrayList<>(text.subList(0, 2));
    pairs.add(Stage.Input.integers(Matching.MASK, Axis.BATCH, Axis.any("QT")));
    pairs.add(Stage.Input.floats(Matching.PATCHES, Axis.of(1), patches.get(1), patches.get(2)));
    return new Matching(
        config,
        Stage.of(
            "text",
            text,
            List.of(
                Stage.Output.of("states", Axis.BATCH, tokens, width),
                Stage.Output.of("features", Axis.BATCH, tokens, Axis.of(config.projectionSize()))),
            program::text),
        Stage.of(
            "pairs",
            pairs,
            List.of(
                Stage.Output.of("queries", Axis.BATCH, queries, width),
                Stage.Output.of("logits", Axis.BATCH, Axis.of(2))),
            program::pairs));
  }

  private <T> List<T> text(Ops<T> ops, Stage.Inputs<T> inputs) {
    T read =
        network.text(
            ops,
            inputs.get(Matching.IDS),
            inputs.get(Matching.POSITION_IDS),
            inputs.get(Matching.MASK)); // (B,T,D)
    return List.of(read, network.textFeatures(ops, read)); // (B,T,D), (B,T,P)
  }

  private <T> List<T> pairs(Ops<T> ops, Stage.Inputs<T> inputs) {
    T read =
        network.multimodal(
            ops,
            inputs.get(Matching.PATCHES),
            inputs.get(Matching.IDS),
            inputs.get(Matching.POSITION_IDS),
            inputs.get(Matching.MASK)); // (B,Q,D)
    return List.of(read, network.matching(ops, read)); // (B,Q,D), (B,1,2)
  }
}
