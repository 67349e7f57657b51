package io.github.blip2j.core;

import java.util.Arrays;
import java.util.Locale;

/**
 * How the weights of linear layers are held and multiplied. Everything else, activations, norms,
 * attention, sums and the key/value cache, is float32 throughout; but on a CUDA device backend
 * {@code onnx} in float16 also keeps the key/value cache of a decoder alone, and attends to it, in
 * binary16.
 */
public enum Precision {
  /** As the reference computes. */
  FLOAT32,

  /** Weights rounded to IEEE binary16. */
  FLOAT16,

  /** Weights rounded to bfloat16. */
  BFLOAT16,

  /**
   * Weights of eight bits with a scale for each block or row. Backends round activations to eight
   * bits too, with a scale for each row or block of them; channels that a norm makes far larger
   * than the rest, as those of large models are, are scaled into the weights before.
   */
  INT8,

  /**
   * Weights of eight bits with a scale for each block of 128, widened as they are used; activations
   * stay float32, so that outliers among them cost nothing. For stages of many rows, the vision
   * encoder and the Q-Former: a language model widens all its weights for each token.
   */
  INT8_WEIGHTS,

  /** Weights of four bits with a scale for each block of 128. */
  INT4,

  /** Weights of four bits with a scale for each block of 32: nearer, and a third larger. */
  INT4_BLOCK32;

  /**
   * The precision of a name.
   *
   * @param name such as {@code float32} or {@code int4}
   * @return the precision
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Precision parse(String name) {
    for (Precision precision : values()) {
      if (precision.label().equals(name)) {
        return precision;
      }
    }
    throw new IllegalArgumentException(
        "precision ("
            + name
            + ") must be one of "
            + Arrays.stream(values()).map(Precision::label).toList());
  }

  /**
   * The name by which users choose it.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
