package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import java.util.List;

/**
 * A model whose loss has a gradient: what {@link Backend#openTraining} gives. Learning rates,
 * order, clipping and files are the caller's business.
 *
 * <p>Owns its parameters, their gradients and their moments until {@link #close}. For one thread.
 */
public interface TrainingModel extends AutoCloseable {
  /**
   * What is trained.
   *
   * @return in a fixed order: weights of the checkpoint under their names there, or for a change of
   *     low rank of module M {@code M.lora_A.weight} (r,in) and {@code M.lora_B.weight} (out,r)
   */
  List<Parameter> parameters();

  /**
   * What a parameter is called and how large it is.
   *
   * @param name of it
   * @param shape sizes, outermost first
   */
  record Parameter(String name, List<Long> shape) {
    /** Copies the shape. */
    public Parameter {
      shape = List.copyOf(shape);
    }

    /**
     * Number of elements.
     *
     * @return product of the shape
     */
    public long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }
  }

  /**
   * Demands that a text has room, alone as in any batch: before images are encoded for it.
   *
   * @param prompt ids, special tokens included; may be empty
   * @param answer ids, its end token included; at least one
   * @throws IllegalArgumentException if they are more than the model's positions, or one is none of
   *     its ids
   */
  void requireFits(int[] prompt, int[] answer);

  /**
   * The loss of a batch: the mean cross entropy of all its answers' tokens. No gradient.
   *
   * @param batch texts and their images
   * @return natural logarithm, at least 0
   * @throws IllegalArgumentException if the batch does not fit the model
   * @throws InferenceException if the engine fails
   */
  double loss(TrainingBatch batch);

  /**
   * The same, whose gradient is added to what the parameters have since the last {@link #step} or
   * {@link #discard}, also in part if the engine fails.
   *
   * @param batch texts and their images
   * @param share by which the gradient is multiplied: of batches that make one step together each
   *     one's part of all their tokens
   * @return the loss, not multiplied
   * @throws IllegalArgumentException if the batch does not fit the model
   * @throws InferenceException if the engine fails
   */
  double accumulate(TrainingBatch batch, double share);

  /**
   * Length of the gradient of all parameters together.
   *
   * @return Euclidean norm; not finite if the loss was not
   */
  double gradientNorm();

  /**
   * Changes all parameters by their gradients, and sets those to 0.
   *
   * @param rule how
   * @param gradientScale by which each gradient is multiplied first; below 1 where it is clipped
   */
  void step(AdamW rule, double gradientScale);

  /** Sets all gradients to 0, of a step that failed on the way. */
  void discard();

  /**
   * Steps since the beginning, by which Adam's moments are corrected.
   *
   * @return at least 0
   */
  int steps();

  /**
   * A parameter with its moments.
   *
   * @param name of one of {@link #parameters}
   * @return copies of them
   */
  State state(String name);

  /**
   * A parameter's gradient.
   *
   * @param name of one of {@link #parameters}
   * @return a copy; zeros behind a step, and behind what was discarded
   */
  float[] gradient(String name);

  /**
   * Sets a parameter and its moments.
   *
   * @param name of one of {@link #parameters}
   * @param state as many numbers as the parameter has, three times
   * @throws IllegalArgumentException if there are more or fewer
   */
  void restore(String name, State state);

  /**
   * Sets how many steps the restored moments are of.
   *
   * @param steps at least 0
   */
  void restoreSteps(int steps);

  /**
   * A parameter's numbers, row-major.
   *
   * @param values the parameter itself
   * @param first mean of its gradients
   * @param second mean of their squares
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  record State(float[] values, float[] first, float[] second) {
    /**
     * A parameter before the first step.
     *
     * @param values the parameter itself
     * @return it, with moments of 0
     */
    public static State fresh(float[] values) {
      return new State(values, new float[values.length], new float[values.length]);
    }
  }

  /** Releases everything. */
  @Override
  void close();
}
