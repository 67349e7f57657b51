package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.SteppingSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;

/**
 * Proposes, in every row, what a loop beside the model appends in the same call: tokens that are
 * the likeliest or drawn. While that goes well it goes further each time; where tokens are often
 * forbidden it soon leaves off for ever more steps.
 */
final class LoopProposer implements Proposer {
  private static final int FIRST_COUNT = 8;
  private static final int LONGEST_REST = 64;
  private static final long MOST_LOGITS = 1 << 24; // floats, 64 MiB

  private final SteppingSession session;
  private final int capacity;
  private final TextConfig config;
  private final int most;
  private final Pace pace = new Pace(FIRST_COUNT, LONGEST_REST);

  /**
   * Takes over the session.
   *
   * @param most further steps in one call
   */
  LoopProposer(SteppingSession session, int capacity, TextConfig config, int most) {
    this.session = session;
    this.capacity = capacity;
    this.config = config;
    this.most = most;
  }

  @Override
  public SteppingSession session() {
    return session;
  }

  @Override
  public boolean propose(float[] features, int[][] tokens, Foresight foresight, Ahead ahead) {
    int further = further(features, tokens);
    if (further < 1) {
      return false;
    }
    FurtherSteps steps = new FurtherSteps(further, foresight.choices(further));
    float[] logits = ahead.room(session.rows(), further);
    ahead.hold(session.appendAhead(features, tokens, steps, logits));
    return true;
  }

  /** Steps to go ahead behind these tokens. */
  private int further(float[] features, int[][] tokens) {
    if (pace.rests()) {
      return 0;
    }
    int rows = session.rows();
    int length = lengthBehind(features, tokens, 0);
    for (int row = 1; row < rows; row++) {
      if (row >= tokens.length || lengthBehind(features, tokens, row) != length) {
        return 0; // rows of unequal length cannot be taken back together
      }
    }
    int room = capacity - length;
    long fitting = MOST_LOGITS / ((long) rows * config.vocabularySize()) - 1;
    return (int) Math.min(Math.min(pace.count(), most), Math.min(room, fitting));
  }

  /** Positions of a row when these have been appended. */
  private int lengthBehind(float[] features, int[][] tokens, int row) {
    int vectors = features.length / config.hiddenSize() / session.rows();
    int length = session.length(row);
    return length == 0
        ? config.promptPositions(vectors, tokens[row].length)
        : length + vectors + tokens[row].length;
  }

  @Override
  public void accepted() {}

  @Override
  public void learn(int steps, int accepted) {
    if (accepted == steps) {
      pace.count(Math.min(2 * pace.count(), most));
      pace.goOn();
    } else {
      pace.count(Math.max(1, Math.min(accepted, pace.count() / 2)));
    }
    if (accepted == 0) {
      pace.leaveOff();
    }
  }

  @Override
  public LoopProposer fork(int[] rows, int room) {
    LoopProposer fork = new LoopProposer(session.fork(rows, room), room, config, most);
    fork.pace.follow(pace);
    return fork;
  }
}
