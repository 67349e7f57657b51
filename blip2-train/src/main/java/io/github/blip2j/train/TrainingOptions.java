package io.github.blip2j.train;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How long and how a model is trained.
 *
 * @param steps of the optimiser, at least 1
 * @param batchSize examples of one pass, at least 1
 * @param accumulation passes of one step, at least 1; their gradients are added as if all their
 *     examples were one batch
 * @param rates the learning rate from step to step
 * @param weightDecay of AdamW, at least 0; norms and biases have none
 * @param clipNorm longest gradient, longer ones are shortened to it; 0 for any
 * @param every how often things are done beside the steps
 * @param seed of the examples' order, and of what changes of low rank begin with
 * @param folder where the log and the state are written, or null for nowhere
 */
public record TrainingOptions(
    int steps,
    int batchSize,
    int accumulation,
    Rates rates,
    double weightDecay,
    double clipNorm,
    Every every,
    long seed,
    @Nullable Path folder) {

  /** Checks the ranges. */
  public TrainingOptions {
    atLeast("steps", steps, 1);
    atLeast("batchSize", batchSize, 1);
    atLeast("accumulation", accumulation, 1);
    atLeast("weightDecay", weightDecay, 0);
    atLeast("clipNorm", clipNorm, 0);
  }

  private static void atLeast(String name, double value, double least) {
    if (!(value >= least) || !Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " (" + value + ") must be at least " + least);
    }
  }

  /**
   * A learning rate that rises in a straight line, and then falls along a cosine.
   *
   * @param highest after the warm-up, above 0
   * @param last at the end, at least 0 and at most {@code highest}
   * @param warmUp steps until it is reached, at least 0
   */
  public record Rates(double highest, double last, int warmUp) {
    /** Checks the ranges. */
    public Rates {
      atLeast("last", last, 0);
      atLeast("warmUp", warmUp, 0);
      if (!(highest > 0) || !Double.isFinite(highest) || last > highest) {
        throw new IllegalArgumentException(
            "highest (" + highest + ") must be above 0 and at least last (" + last + ")");
      }
    }

    /**
     * The rate of a step.
     *
     * @param step from 0
     * @param steps of the whole training
     * @return above 0 unless {@code last} is 0
     */
    double at(int step, int steps) {
      if (step < warmUp) {
        return highest * (step + 1) / warmUp;
      }
      double part = (double) (step - warmUp) / Math.max(1, steps - warmUp);
      return last + (highest - last) * (1 + Math.cos(Math.PI * Math.min(1, part))) / 2;
    }
  }

  /**
   * How often things are done; 0 for only at the end.
   *
   * @param validation steps between losses of the validation examples
   * @param save steps between states that are written
   */
  public record Every(int validation, int save) {
    /** Checks the ranges. */
    public Every {
      atLeast("validation", validation, 0);
      atLeast("save", save, 0);
    }
  }

  /**
   * As LAVIS trains its second stage, for one machine: 2000 steps of 8 examples, the rate rising in
   * 100 steps to 1e-4 and falling to 1e-5, decay 0.05, gradients of at most 1.
   *
   * @return options without a folder
   */
  public static TrainingOptions defaults() {
    return new TrainingOptions(
        2000, 8, 1, new Rates(1e-4, 1e-5, 100), 0.05, 1, new Every(100, 100), 0, null);
  }

  /**
   * The same with another number of steps.
   *
   * @param count at least 1
   * @return a copy
   */
  public TrainingOptions withSteps(int count) {
    return new TrainingOptions(
        count, batchSize, accumulation, rates, weightDecay, clipNorm, every, seed, folder);
  }

  /**
   * The same with other batches.
   *
   * @param size examples of one pass, at least 1
   * @param passes of one step, at least 1
   * @return a copy
   */
  public TrainingOptions withBatches(int size, int passes) {
    return new TrainingOptions(
        steps, size, passes, rates, weightDecay, clipNorm, every, seed, folder);
  }

  /**
   * The same with another learning rate.
   *
   * @param other from step to step
   * @return a copy
   */
  public TrainingOptions withRates(Rates other) {
    return new TrainingOptions(
        steps, batchSize, accumulation, other, weightDecay, clipNorm, every, seed, folder);
  }

  /**
   * The same with another decay and another longest gradient.
   *
   * @param decay at least 0
   * @param clip longest gradient; 0 for any
   * @return a copy
   */
  public TrainingOptions withDecayAndClip(double decay, double clip) {
    return new TrainingOptions(
        steps, batchSize, accumulation, rates, decay, clip, every, seed, folder);
  }

  /**
   * The same, done more or less often.
   *
   * @param other how often
   * @return a copy
   */
  public TrainingOptions withEvery(Every other) {
    return new TrainingOptions(
        steps, batchSize, accumulation, rates, weightDecay, clipNorm, other, seed, folder);
  }

  /**
   * The same with another seed.
   *
   * @param other any number
   * @return a copy
   */
  public TrainingOptions withSeed(long other) {
    return new TrainingOptions(
        steps, batchSize, accumulation, rates, weightDecay, clipNorm, every, other, folder);
  }

  /**
   * The same, written to a folder.
   *
   * @param directory is created; {@code log.jsonl} and {@code state.safetensors} are written there
   * @return a copy
   */
  public TrainingOptions withFolder(Path directory) {
    return new TrainingOptions(
        steps, batchSize, accumulation, rates, weightDecay, clipNorm, every, seed, directory);
  }
}
