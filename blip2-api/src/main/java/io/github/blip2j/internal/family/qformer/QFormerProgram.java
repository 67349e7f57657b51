package io.github.blip2j.internal.family.qformer;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.ModelProgram.Matching;
import io.github.blip2j.family.QFormerConfig;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Q-Former over a checkpoint's weights: the stage that reads images, alone or with
 * instructions, and the heads on it that match images and texts. Immutable.
 */
public final class QFormerProgram {
  private final QFormerConfig config;
  private final QFormerNetwork network;
  private final Weights weights;
  private final Stage vision;

  private QFormerProgram(
      QFormerConfig config,
      QFormerNetwork.@Nullable Projection projection,
      Weights weights,
      Stage vision) {
    Axis imageWidth = vision.outputs().get(0).axes().get(2);
    if (!imageWidth.isFixed()) {
      throw new IllegalArgumentException(
          vision.name() + ": expected patches (B,N,E) of a fixed width E, found " + imageWidth);
    }
    this.config = config;
    this.network = QFormerNetwork.of(config, imageWidth.size(), weights, projection);
    this.weights = weights;
    this.vision = vision;
  }

  /**
   * One whose vectors go into a language model's space.
   *
   * @param width d of the language model
   * @param weights of the whole checkpoint
   * @param vision gives the patches
   */
  public static QFormerProgram writing(
      QFormerConfig config, int width, Weights weights, Stage vision) {
    Linear linear = Linear.of(weights.at("language_projection"), config.hiddenSize(), width);
    return new QFormerProgram(
        config, new QFormerNetwork.Projection(linear, false), weights, vision);
  }

  /**
   * One whose vectors go into the space that images share with texts.
   *
   * @param heads bounds of the texts, and the width of the space
   * @param weights of the whole checkpoint
   * @param vision gives the patches
   */
  public static QFormerProgram matching(
      QFormerConfig config, RetrievalConfig heads, Weights weights, Stage vision) {
    Linear linear =
        Linear.of(weights.at("vision_projection"), config.hiddenSize(), heads.projectionSize());
    return new QFormerProgram(config, new QFormerNetwork.Projection(linear, true), weights, vision);
  }

  /**
   * One that writes itself: in the place of projected vectors are the keys and values that a text
   * looks at.
   *
   * @param weights of the whole checkpoint
   * @param vision gives the patches
   */
  public static QFormerProgram captioning(QFormerConfig config, Weights weights, Stage vision) {
    return new QFormerProgram(config, null, weights, vision);
  }

  /** Patches, with an instruction if it reads any, to query vectors and their projection. */
  public Stage stage() {
    if (network.projection() == null) {
      return KeyedStage.of(network, vision);
    }
    TextBounds instruction = config.instruction();
    if (instruction == null) {
      return QFormerStage.of(network, vision);
    }
    TextEmbeddings embeddings =
        TextEmbeddings.of(instruction, config.hiddenSize(), weights.at("qformer.embeddings"));
    return InstructedStage.of(network, embeddings, vision);
  }

  /**
   * Where it looks: at an image alone, with an instruction if it reads any, and with a text if it
   * matches.
   *
   * @param read from {@link #stage}
   * @param matching heads, or none
   */
  public List<ModelProgram.Occasional> attention(Stage read, @Nullable Matching matching) {
    List<ModelProgram.Occasional> all = new ArrayList<>();
    TextBounds instruction = config.instruction();
    if (instruction == null) {
      all.add(new ModelProgram.Occasional(AttentionStage.alone(network, vision), read));
    } else {
      all.add(withText(instruction, weights.at("qformer.embeddings"), read));
    }
    if (matching != null) {
      all.add(withText(matching.config().texts(), weights.at("embeddings"), matching.pairs()));
    }
    return List.copyOf(all);
  }

  private ModelProgram.Occasional withText(TextBounds texts, Weights stored, Stage like) {
    TextEmbeddings embeddings = TextEmbeddings.of(texts, config.hiddenSize(), stored);
    return new ModelProgram.Occasional(AttentionStage.withText(network, embeddings, vision), like);
  }

  /** The Q-Former reading texts, alone and together with an image. */
  public Matching heads(RetrievalConfig config) {
    return RetrievalProgram.of(config, network, weights, vision.outputs().get(0).axes());
  }
}
