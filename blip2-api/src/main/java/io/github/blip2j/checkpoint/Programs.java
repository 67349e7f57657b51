package io.github.blip2j.checkpoint;

import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.family.qformer.QFormerProgram;
import io.github.blip2j.internal.family.qformer.WriterConfig;
import io.github.blip2j.stage.Stage;

/** From settings and weights to what a backend compiles. */
final class Programs {
  private Programs() {}

  static ModelProgram of(ModelConfig config, Weights weights) {
    Stage vision = config.vision().stage(weights.at("vision_model"));
    if (config.head() instanceof WriterConfig writer) {
      QFormerProgram itself = QFormerProgram.captioning(config.qformer(), weights, vision);
      Stage read = itself.stage();
      return new ModelProgram(
          vision, read, writer.program(weights), null, itself.attention(read, null));
    }
    if (config.head() instanceof TextConfig text) {
      QFormerProgram qformer =
          QFormerProgram.writing(config.qformer(), text.hiddenSize(), weights, vision);
      Stage read = qformer.stage();
      return new ModelProgram(
          vision,
          read,
          text.program(weights.at("language_model")),
          config.qformer().instruction(),
          qformer.attention(read, null));
    }
    RetrievalConfig heads = (RetrievalConfig) config.head();
    QFormerProgram qformer = QFormerProgram.matching(config.qformer(), heads, weights, vision);
    Stage read = qformer.stage();
    ModelProgram.Matching matching = qformer.heads(heads);
    return new ModelProgram(vision, read, matching, null, qformer.attention(read, matching));
  }
}
