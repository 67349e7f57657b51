package io.github.blip2j.generation;

import java.util.Locale;

/** A part of a call that takes time of its own. */
public enum ModelStage {
  /** Reading an image and preparing its pixels. */
  PREPROCESSING,
  /** The vision encoder. */
  VISION,
  /** The Q-Former over images, and the projection. */
  QFORMER,
  /** Image features and prompt through the language model, up to the first token. */
  PREFILL,
  /** Every later token. */
  DECODE,
  /** The Q-Former over texts alone. */
  TEXT,
  /** The Q-Former over pairs of an image and a text. */
  PAIRS;

  /**
   * The name used in metrics.
   *
   * @return lower case, such as {@code vision}
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
