package io.github.blip2j.retrieval;

import java.util.Arrays;

/**
 * A text as the Q-Former has read it alone (LAVIS, {@code extract_features} in mode {@code text}).
 * Immutable; what it returns are copies.
 */
public final class EncodedText {
  private final String text;
  private final float[][] states;
  private final float[][] features;

  /**
   * Takes over what a model has computed.
   *
   * @param text as it was given
   * @param states (T, D)
   * @param features (T, P)
   */
  public EncodedText(String text, float[][] states, float[][] features) {
    this.text = text;
    this.states = states;
    this.features = features;
  }

  /**
   * The text.
   *
   * @return as it was given
   */
  public String text() {
    return text;
  }

  /**
   * The last hidden state.
   *
   * @return (T, D) float32, one row a token, special tokens included
   */
  public float[][] states() {
    return copy(states);
  }

  /**
   * The hidden state in the space shared with images.
   *
   * @return (T, P) float32, rows of length 1
   */
  public float[][] features() {
    return copy(features);
  }

  /**
   * The text's own vector: the features of its first token.
   *
   * @return (P) float32 of length 1
   */
  public float[] embedding() {
    return features[0].clone();
  }

  private static float[][] copy(float[][] rows) {
    return Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
  }

  @Override
  public String toString() {
    return "EncodedText[" + text + "]";
  }
}
