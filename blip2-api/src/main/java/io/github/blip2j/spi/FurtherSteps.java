package io.github.blip2j.spi;

import java.util.List;
import java.util.Locale;

/**
 * Steps that {@link SteppingSession#appendAhead} takes behind its first.
 *
 * @param most how many at most, at least 1
 * @param choices how each row's tokens are chosen; draws, if any, for every step
 */
public record FurtherSteps(int most, List<TokenChoice> choices) {
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
