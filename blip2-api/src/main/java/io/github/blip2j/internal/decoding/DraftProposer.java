package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.DraftingSession;
import java.util.Arrays;

/**
 * Proposes, in one row, what a draft guesses (Leviathan et al. 2023, with the model's own cheaper
 * weights as the draft): one pass of the model over all guessed tokens gives what it would have
 * said after each. How many are guessed follows how many were accepted (Transformers, {@code
 * num_assistant_tokens_schedule="heuristic"}); a draft whose single guesses are wrong is left alone
 * for ever more steps.
 */
final class DraftProposer implements Proposer {
  private static final int FIRST_COUNT = 4;
  private static final int MOST = 8; // of these rows a pass costs little more than of one
  private static final int LONGEST_REST = 16;

  private final DraftingSession session;
  private final int capacity;
  private final TextConfig config;
  private final LookaheadModel.Count statistics;
  private final Pace pace = new Pace(FIRST_COUNT, LONGEST_REST);
  private final float[] scores; // (V), the draft's

  /** Takes over the session. */
  DraftProposer(
      DraftingSession session, int capacity, TextConfig config, LookaheadModel.Count statistics) {
    this.session = session;
    this.capacity = capacity;
    this.config = config;
    this.statistics = statistics;
    this.scores = new float[config.vocabularySize()];
  }

  @Override
  public DraftingSession session() {
    return session;
  }

  /** Proposes behind a single token, if the draft thinks that anything will follow. */
  @Override
  public boolean propose(float[] features, int[][] tokens, Foresight foresight, Ahead ahead) {
    boolean step = session.rows() == 1 && tokens.length == 1 && tokens[0].length == 1;
    if (features.length > 0 || !step || session.length(0) == 0 || pace.rests()) {
      return false;
    }
    int start = session.length(0);
    int most = Math.min(pace.count(), capacity - start - 1);
    int[] all = guessed(tokens[0][0], most, foresight);
    session.truncate(start);
    int guesses = all.length - 1;
    if (guesses == 0) {
      if (most > 0) {
        pace.leaveOff(); // it sees an end where the caller went on
      }
      return false;
    }
    session.appendEach(all, ahead.room(1, guesses));
    ahead.hold(
        Arrays.stream(all, 1, all.length).mapToObj(t -> new int[] {t}).toArray(int[][]::new));
    statistics.proposed(guesses);
    return true;
  }

  /** A token and what the draft would go on with, up to an end. */
  private int[] guessed(int token, int most, Foresight foresight) {
    int[] all = new int[1 + Math.max(0, most)];
    all[0] = token;
    int known = 1;
    while (known <= most) {
      session.guess(all[known - 1], scores);
      int next = foresight.choose(Arrays.copyOfRange(all, 1, known), scores);
      if (config.endTokens().contains(next)) {
        break; // nothing follows it
      }
      all[known++] = next;
    }
    return Arrays.copyOf(all, known);
  }

  @Override
  public void accepted() {
    statistics.accepted();
  }

  @Override
  public void learn(int steps, int accepted) {
    if (accepted > 0) {
      pace.goOn();
    } else if (steps == 1) {
      pace.leaveOff();
    }
    pace.count(
        accepted == steps ? Math.min(MOST, pace.count() + 2) : Math.max(1, pace.count() - 1));
  }

  @Override
  public DraftProposer fork(int[] rows, int room) {
    DraftProposer fork = new DraftProposer(session.fork(rows, room), room, config, statistics);
    fork.pace.follow(pace);
    return fork;
  }
}
