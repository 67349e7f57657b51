package io.github.blip2j.spark;

import java.io.Serializable;

/**
 * Which model executors load and how: a handle, sent with tasks instead of weights.
 *
 * @param model a checkpoint directory on every machine, the name of an unpacked {@code --archives}
 *     bundle, or {@code owner/name} of a model in the machines' Hub caches
 * @param backend such as {@code onnx}; empty for the best that is there
 * @param precision of the weights, such as {@code int8}; empty for the usual
 * @param threads of one forward pass; 0 for the cores of a task, {@code spark.task.cpus}
 * @param cacheDirectory where derived files are kept on each machine; empty for the usual
 */
public record ModelSpec(
    String model, String backend, String precision, int threads, String cacheDirectory)
    implements Serializable {
  private static final long serialVersionUID = 1;

  /** Checks that a model is named. */
  public ModelSpec {
    if (model.isBlank()) {
      throw new IllegalArgumentException(
          "model: expected a checkpoint directory or owner/name of a model, found none");
    }
    if (threads < 0) {
      throw new IllegalArgumentException("threads (" + threads + ") must be at least 0");
    }
  }

  /**
   * A model with everything as usual.
   *
   * @param model a checkpoint directory or a name
   * @return how to load it
   */
  public static ModelSpec of(String model) {
    return new ModelSpec(model, "", "", 0, "");
  }
}
