package io.github.blip2j.train;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.spi.AdamW;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingModel;
import java.util.List;

/** One step of a training: gradients of its passes, clipped, and AdamW's change. */
record TrainingStep(TrainingModel model, TrainingOptions options) {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.999;
  private static final double EPSILON = 1e-8;
  private static final double TINY = 1e-6; // as PyTorch clips

  /**
   * Makes it, or leaves no gradient of it behind.
   *
   * @param batches passes, which are one batch together
   * @throws InferenceException if the loss is no number, or the engine fails
   */
  TrainingListener.Step of(List<TrainingBatch> batches) {
    try {
      return made(batches);
    } catch (RuntimeException | Error e) {
      try {
        model.discard();
      } catch (RuntimeException another) {
        e.addSuppressed(another);
      }
      throw e;
    }
  }

  private TrainingListener.Step made(List<TrainingBatch> batches) {
    int tokens = batches.stream().mapToInt(TrainingBatch::tokens).sum();
    double loss = 0;
    for (TrainingBatch batch : batches) {
      double share = (double) batch.tokens() / tokens;
      loss += share * model.accumulate(batch, share);
    }
    double norm = model.gradientNorm();
    requireNumber(loss, norm);
    double clip = options.clipNorm() == 0 ? 1 : Math.min(1, options.clipNorm() / (norm + TINY));
    double rate = options.rates().at(model.steps(), options.steps());
    model.step(new AdamW(rate, BETA_1, BETA_2, EPSILON, options.weightDecay()), clip);
    return new TrainingListener.Step(model.steps(), loss, rate, norm, tokens);
  }

  private void requireNumber(double loss, double norm) {
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new InferenceException(
          "training: expected a finite loss and gradient in step "
              + (model.steps() + 1)
              + ", found "
              + loss
              + " and "
              + norm
              + "; choose a lower learning rate");
    }
  }
}
