package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Patches of one image to where the Q-Former looks: the weights of its cross-attention. Source:
 * Transformers, {@code output_attentions} of {@code Blip2QFormerModel}.
 *
 * @param embeddings of a text that is read beside the image, or none
 */
record AttentionStage(QFormerNetwork network, @Nullable TextEmbeddings embeddings)
    implements Stage.Body {

  /** Of an image alone. */
  static Stage alone(QFormerNetwork network, Stage vision) {
    return Stage.of(
        ModelProgram.ATTENTION,
        List.of(patches(vision)),
        outputs(network, vision),
        new AttentionStage(network, null));
  }

  /** Of an image with one text. */
  static Stage withText(QFormerNetwork network, TextEmbeddings embeddings, Stage vision) {
    Axis tokens = Axis.any("T");
    return Stage.of(
        ModelProgram.TEXT_ATTENTION,
        List.of(
            patches(vision),
            Stage.Input.integers(ModelProgram.IDS, Axis.BATCH, tokens),
            Stage.Input.integers(ModelProgram.POSITION_IDS, Axis.BATCH, tokens),
            Stage.Input.integers(ModelProgram.MASK, Axis.BATCH, Axis.any("QT"))),
        outputs(network, vision),
        new AttentionStage(network, embeddings));
  }

  private static Stage.Input patches(Stage vision) {
    List<Axis> axes = vision.outputs().get(0).axes();
    return Stage.Input.floats(ModelProgram.PATCHES, Axis.of(1), axes.get(1), axes.get(2));
  }

  /** Weights (1,L·H·Q,N), blocks that look at the image outermost. */
  private static List<Stage.Output> outputs(QFormerNetwork network, Stage vision) {
    int heads = network.blocks().get(0).self().heads().count();
    int rows = network.looking() * heads * network.queryTokens().size(1);
    Axis patches = vision.outputs().get(0).axes().get(1);
    return List.of(Stage.Output.of(ModelProgram.WEIGHTS, Axis.of(1), Axis.of(rows), patches));
  }

  @Override
  public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
    List<T> noted = new ArrayList<>();
    QFormerNetwork.Seen<T> image =
        new QFormerNetwork.Seen<>(inputs.get(ModelProgram.PATCHES), noted);
    if (embeddings == null) {
      network.forward(ops, image);
    } else {
      T positions = inputs.get(ModelProgram.POSITION_IDS);
      T text = embeddings.forward(ops, inputs.get(ModelProgram.IDS), positions); // (1,T,D)
      network.withText(ops, image, text, inputs.get(ModelProgram.MASK));
    }
    T all = noted.get(0); // (1,H·Q,N)
    for (T weights : noted.subList(1, noted.size())) {
      all = ops.concat(all, weights);
    }
    return List.of(all); // (1,L·H·Q,N)
  }
}
