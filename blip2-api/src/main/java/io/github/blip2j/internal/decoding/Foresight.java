package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.List;

/**
 * What is known of the tokens that searches will choose from logits that they have not seen yet.
 * Proposers go by it; asking changes nothing.
 */
interface Foresight {
  /**
   * How each row's next tokens are chosen, as far as {@link TokenChoice} can say: without penalties
   * and what else depends on the text.
   *
   * @param steps how many tokens a row
   */
  List<TokenChoice> choices(int steps);

  /**
   * The token that the only row would choose, with penalties, processors and random numbers, but
   * without users' processors, who are not to be asked about what may never be.
   *
   * @param since tokens that it would have chosen before
   * @param logits after these; may be changed
   */
  int choose(int[] since, float[] logits);

  /** Of several searches' rows, one behind the other. */
  record Joined(List<Foresight> parts) implements Foresight {
    @Override
    public List<TokenChoice> choices(int steps) {
      return parts.stream().flatMap(p -> p.choices(steps).stream()).toList();
    }

    @Override
    public int choose(int[] since, float[] logits) {
      if (parts.size() != 1) {
        throw new IllegalStateException("expected one search, found " + parts.size());
      }
      return parts.get(0).choose(since, logits);
    }
  }
}
