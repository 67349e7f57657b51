package io.github.blip2j.spi;

import java.util.Locale;

/**
 * How the next tokens of a row are chosen from logits: the likeliest, the first of equally likely
 * ones, or a drawn one. A draw u takes, of the tokens that are left, the first in the order of
 * their ids at which the cumulative probability is above u. An engine computes that in its own
 * precision, so where u falls within rounding of such a bound it may take a token next to it.
 *
 * @param temperature logits are divided by it; above 0 and finite
 * @param topK only tokens at least as likely as the k-th can be drawn; 0 for all
 * @param topP of those only the likeliest, as many as together have this probability, and those as
 *     likely as the last of them; 0 for the likeliest, 1 for all
 * @param draws uniform numbers in [0, 1), one for each step; none to take the likeliest
 */
public record TokenChoice(double temperature, int topK, double topP, double[] draws) {
  /** The likeliest each time. */
  public static final TokenChoice LIKELIEST = new TokenChoice(1, 0, 1, new double[0]);

  /**
   * Makes one.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  public TokenChoice {
    if (!(temperature > 0)
        || Double.isInfinite(temperature)
        || topK < 0
        || !(topP >= 0)
        || topP > 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected temperature above 0, topK from 0 and topP within [0, 1], found %s, %d and %s",
              temperature,
              topK,
              topP));
    }
    draws = draws.clone();
    for (double draw : draws) {
      if (!(draw >= 0 && draw < 1)) {
        throw new IllegalArgumentException("draws: expected numbers in [0, 1), found " + draw);
      }
    }
  }

  /**
   * The numbers.
   *
   * @return an array of its own
   */
  @Override
  public double[] draws() {
    return draws.clone();
  }

  /**
   * Whether tokens are drawn.
   *
   * @return false for the likeliest
   */
  public boolean isDrawn() {
    return draws.length > 0;
  }
}
