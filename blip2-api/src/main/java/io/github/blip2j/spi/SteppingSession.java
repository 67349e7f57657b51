package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import java.util.List;
import java.util.Locale;

/** A session that takes several steps in one call. */
public interface SteppingSession extends LanguageSession {
  /**
   * Appends as {@link #append} does, and goes on in the same call: in each further step every row
   * is appended the token that is chosen after its last. It ends before a step in which that would
   * be an end token for every row.
   *
   * @param features as for {@link #append}
   * @param tokens ids of each row, after which all rows have one length
   * @param further how many steps at most, and how each of the B rows chooses
   * @param logits receives (1+N, B, V) float32 from index 0; owned by the caller, with room for all
   *     steps
   * @return (N, B) ids that were appended in each of the N further steps that were taken, 0 to all
   * @throws IllegalArgumentException if a size does not fit, rows would be of unequal length, or
   *     one would outgrow the capacity
   * @throws InferenceException if the engine fails
   */
  int[][] appendAhead(float[] features, int[][] tokens, FurtherSteps further, float[] logits);

  @Override
  SteppingSession fork(int[] rows, int capacity);

  /**
   * Steps that {@link #appendAhead} takes behind its first.
   *
   * @param most how many at most, at least 1
   * @param choices how each row's tokens are chosen; draws, if any, for every step
   */
  record FurtherSteps(int most, List<TokenChoice> choices) {
    /**
     * Makes them.
     *
     * @throws IllegalArgumentException if there are no steps, or too few draws
     */
    public FurtherSteps {
      choices = List.copyOf(choices);
      if (most < 1) {
        throw new IllegalArgumentException("further steps: expected at least 1, found " + most);
      }
      for (TokenChoice choice : choices) {
        if (choice.isDrawn() && choice.draws().length < most) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "draws: expected one for each of %d further steps, found %d",
                  most,
                  choice.draws().length));
        }
      }
    }
  }

  /**
   * How the next tokens of a row are chosen from logits: the likeliest, the first of equally likely
   * ones, or a drawn one. A draw u takes, of the tokens that are left, the first in the order of
   * their ids at which the cumulative probability is above u. An engine computes that in its own
   * precision, so where u falls within rounding of such a bound it may take a token next to it.
   *
   * @param temperature logits are divided by it; above 0 and finite
   * @param topK only tokens at least as likely as the k-th can be drawn; 0 for all
   * @param topP of those only the likeliest, as many as together have this probability, and those
   *     as likely as the last of them; 0 for the likeliest, 1 for all
   * @param draws uniform numbers in [0, 1), one for each step; none to take the likeliest
   */
  record TokenChoice(double temperature, int topK, double topP, double[] draws) {
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
}
