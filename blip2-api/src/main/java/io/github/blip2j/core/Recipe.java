package io.github.blip2j.core;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What most people choose among instead of {@link Precisions}: three words, each of which a backend
 * makes precisions of that were measured ({@code docs/bundles.md} has memory, time and agreement).
 */
public enum Recipe {
  /** Float32 throughout: what the reference computes. */
  EXACT,

  /** A half (PyTorch) or a third (ONNX Runtime) of float32's memory; texts hardly ever differ. */
  BALANCED,

  /** As little memory as a backend can do with; a text in thirty differs in a word. */
  SMALL;

  /**
   * The recipe of a name.
   *
   * @param name such as {@code balanced}
   * @return the recipe; nothing if no recipe has this name, which may then be a precision's
   */
  public static Optional<Recipe> find(String name) {
    return Arrays.stream(values()).filter(r -> r.label().equals(name)).findFirst();
  }

  /**
   * The word by which users choose it.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
