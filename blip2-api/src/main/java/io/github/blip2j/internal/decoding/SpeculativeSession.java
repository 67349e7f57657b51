package io.github.blip2j.internal.decoding;

import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;

/**
 * Goes ahead, in one row, by tokens that a draft guessed. How many are guessed follows how many
 * were taken (Transformers, {@code num_assistant_tokens_schedule="heuristic"}); a draft whose
 * single guesses are wrong is left alone for ever more steps.
 */
final class SpeculativeSession extends GuessingSession {
  private static final int FIRST_COUNT = 4;
  private static final int MOST = 8; // of these rows a pass costs little more than of one
  private static final int LONGEST_REST = 16;

  private final SpeculativeModel model;
  private final float[] draft; // (V)
  private int[] guessed = new int[0];

  SpeculativeSession(SpeculativeModel model, LanguageSession session, int capacity) {
    super(session, model.config(), capacity, FIRST_COUNT, LONGEST_REST);
    this.model = model;
    this.draft = new float[model.config().vocabularySize()];
  }

  private boolean isStep(int[][] tokens) {
    return rows() == 1 && tokens.length == 1 && tokens[0].length == 1;
  }

  @Override
  boolean areNext(int[][] tokens) {
    return isStep(tokens) && guessed[taken()] == tokens[0][0];
  }

  @Override
  void took() {
    model.accepted();
  }

  /** Appends a token and what the draft thinks will follow, if it thinks anything. */
  @Override
  boolean goAhead(float[] features, int[][] tokens, Foresight foresight) {
    if (features.length > 0 || !isStep(tokens) || length(0) == 0 || rests()) {
      return false;
    }
    int start = session().length(0);
    int most = Math.min(count(), capacity() - start - 1);
    int[] all = new int[1 + Math.max(0, most)];
    all[0] = tokens[0][0];
    int known = 1;
    while (known <= most) {
      session().guess(all[known - 1], draft);
      int next = foresight.choose(Arrays.copyOfRange(all, 1, known), draft);
      if (config().endTokens().contains(next)) {
        break; // nothing follows it
      }
      all[known++] = next;
    }
    session().truncate(start);
    if (known == 1) {
      if (most > 0) {
        leaveOff(); // it sees an end where the caller went on
      }
      return false;
    }
    session().appendEach(Arrays.copyOf(all, known), room(known - 1));
    guessed = Arrays.copyOfRange(all, 1, known);
    holds(guessed.length);
    model.guessed(guessed.length);
    return true;
  }

  @Override
  void learn() {
    if (taken() > 0) {
      goOn();
    } else if (held() == 1) {
      leaveOff();
    }
    count(taken() == held() ? Math.min(MOST, count() + 2) : Math.max(1, count() - 1));
  }

  @Override
  GuessingSession over(LanguageSession fork, int room) {
    return new SpeculativeSession(model, fork, room);
  }
}
