package io.github.blip2j.internal.decoding;

import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;

/**
 * A session that may be ahead of its caller: behind the caller's last token it holds tokens that
 * were guessed, with the model's own logits after each. They serve as long as the caller appends
 * just these tokens; then what is left of them is taken back. How many are guessed follows how many
 * were taken (Transformers, {@code num_assistant_tokens_schedule="heuristic"}); a draft whose
 * single guesses are wrong is left alone for ever more steps. For one thread.
 */
final class SpeculativeSession implements LanguageSession, Guessing {
  private static final int FIRST_COUNT = 4;
  private static final int MOST = 8; // of these rows a pass costs little more than of one
  private static final int LONGEST_REST = 16;

  private final SpeculativeModel model;
  private final TextConfig config;
  private final LanguageSession session;
  private final int capacity;
  private int[] guessed = new int[0];
  private int taken; // of the guessed ones, how many the caller has appended
  private float[] ahead = new float[0]; // (1+guessed, V)
  private final float[] draft; // (V)
  private int count = FIRST_COUNT;
  private int rest = 1; // steps without a guess, the next time that one is wrong
  private int resting;

  SpeculativeSession(SpeculativeModel model, LanguageSession session, int capacity) {
    this.model = model;
    this.config = model.config();
    this.session = session;
    this.capacity = capacity;
    this.draft = new float[config.vocabularySize()];
  }

  @Override
  public int rows() {
    return session.rows();
  }

  @Override
  public int length(int row) {
    return session.length(row) - (guessed.length - taken);
  }

  @Override
  public void append(float[] features, int[][] tokens, float[] logits) {
    if (logits.length < rows() * draft.length) {
      session.append(features, tokens, logits); // which says so
    }
    boolean step =
        rows() == 1
            && length(0) > 0
            && features.length == 0
            && tokens.length == 1
            && tokens[0].length == 1;
    if (step && taken < guessed.length && guessed[taken] == tokens[0][0]) {
      taken++;
      model.accepted();
      give(logits);
      return;
    }
    dropGuesses();
    if (!step || !ahead(tokens[0][0], logits)) {
      session.append(features, tokens, logits);
    }
  }

  private void give(float[] logits) {
    System.arraycopy(ahead, taken * draft.length, logits, 0, draft.length);
  }

  /** Appends a token and what the draft thinks will follow; gives whether it thinks anything. */
  private boolean ahead(int token, float[] logits) {
    if (resting > 0) {
      resting--;
      return false;
    }
    int start = session.length(0);
    int most = Math.min(count, capacity - start - 1);
    int[] tokens = new int[1 + Math.max(0, most)];
    tokens[0] = token;
    int known = 1;
    while (known <= most) {
      session.guess(tokens[known - 1], draft);
      int next = Distribution.best(draft);
      if (config.endTokens().contains(next)) {
        break; // nothing follows it
      }
      tokens[known++] = next;
    }
    session.truncate(start);
    if (known == 1) {
      if (most > 0) {
        leaveAlone(); // it sees an end where the caller went on
      }
      return false;
    }
    tokens = Arrays.copyOf(tokens, known);
    if (ahead.length < known * draft.length) {
      ahead = new float[known * draft.length];
    }
    session.appendEach(tokens, ahead);
    guessed = Arrays.copyOfRange(tokens, 1, known);
    model.guessed(guessed.length);
    give(logits);
    return true;
  }

  private void leaveAlone() {
    resting = rest;
    rest = Math.min(2 * rest, LONGEST_REST);
  }

  /** Takes back what the caller did not append. */
  private void dropGuesses() {
    if (guessed.length > 0) {
      session.truncate(length(0));
      if (taken > 0) {
        rest = 1;
      } else if (guessed.length == 1) {
        leaveAlone();
      }
      count = taken == guessed.length ? Math.min(MOST, count + 2) : Math.max(1, count - 1);
      guessed = new int[0];
      taken = 0;
    }
  }

  @Override
  public void appendEach(int[] tokens, float[] logits) {
    dropGuesses();
    session.appendEach(tokens, logits);
  }

  @Override
  public void guess(int token, float[] logits) {
    dropGuesses();
    session.guess(token, logits);
  }

  @Override
  public void select(int[] rows) {
    dropGuesses();
    session.select(rows);
  }

  @Override
  public void truncate(int length) {
    dropGuesses();
    session.truncate(length);
  }

  @Override
  public LanguageSession fork(int[] rows, int room) {
    dropGuesses();
    SpeculativeSession fork = new SpeculativeSession(model, session.fork(rows, room), room);
    fork.count = count;
    fork.rest = rest;
    fork.resting = resting;
    return fork;
  }

  @Override
  public LanguageSession plain() {
    dropGuesses();
    return session;
  }

  @Override
  public void close() {
    session.close();
  }
}
