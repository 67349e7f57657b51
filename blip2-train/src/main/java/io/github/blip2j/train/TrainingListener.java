package io.github.blip2j.train;

/** Is told how a training goes, in its thread. */
public interface TrainingListener {
  /** Says nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * Images have been encoded.
   *
   * @param done so far
   * @param total of all examples
   */
  default void encoded(int done, int total) {}

  /**
   * A step has been made.
   *
   * @param step what came of it
   */
  default void stepped(Step step) {}

  /**
   * The validation examples have been looked at.
   *
   * @param step steps so far
   * @param loss mean cross entropy of their tokens
   */
  default void validated(int step, double loss) {}

  /**
   * What came of a step.
   *
   * @param number from 1
   * @param loss mean cross entropy of the step's tokens, before it
   * @param rate learning rate
   * @param gradientNorm length of the gradient, before it was shortened
   * @param tokens that were learnt from
   */
  record Step(int number, double loss, double rate, double gradientNorm, int tokens) {}
}
