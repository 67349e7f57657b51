package io.github.blip2j.checkpoint;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.qformer.QFormerNetwork;
import io.github.blip2j.internal.family.qformer.QFormerStage;
import io.github.blip2j.internal.family.retrieval.RetrievalProgram;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.Stage;

/** From settings and weights to what a backend compiles. */
final class Programs {
  private Programs() {}

  static ModelProgram of(ModelConfig config, Weights weights) {
    Stage vision = config.vision().stage(weights.at("vision_model"));
    QFormerNetwork network =
        QFormerNetwork.of(
            config.qformer(), config.vision().hiddenSize(), weights, projection(config, weights));
    Stage qformer = QFormerStage.of(network, vision);
    ModelProgram.Head head =
        config.head() instanceof TextConfig text
            ? text.program(weights.at("language_model"))
            : RetrievalProgram.of(
                (RetrievalConfig) config.head(), network, weights, vision.outputs().get(0).axes());
    return new ModelProgram(vision, qformer, head);
  }

  /** Into the language model's space, or into the one that images share with texts. */
  private static QFormerNetwork.Projection projection(ModelConfig config, Weights weights) {
    boolean shared = config.head() instanceof RetrievalConfig;
    Weights linear = weights.at(shared ? "vision_projection" : "language_projection");
    return new QFormerNetwork.Projection(
        Linear.of(linear, config.qformer().hiddenSize(), config.projectedSize()), shared);
  }
}
