package io.github.blip2j.internal.decoding;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.LanguageSession;
import org.jspecify.annotations.Nullable;

/**
 * A session that may be ahead of its caller: behind the caller's last tokens it holds further ones,
 * with the model's own logits after each. They serve as long as the caller appends just these; then
 * what is left is taken back. For one thread.
 */
abstract class GuessingSession implements LanguageSession {
  private final LanguageSession session;
  private final TextConfig config;
  private final int capacity;
  private final int longestRest;
  private float[] ahead = new float[0]; // (1+held, B, V)
  private int held; // steps that the session is ahead by, if none were taken
  private int taken; // of them, how many the caller has appended
  private int count; // steps to go ahead the next time, at most
  private int rest = 1; // steps alone, the next time that all was for nothing
  private int resting;

  /**
   * Wraps a session.
   *
   * @param session owned
   * @param count steps to go ahead the first time
   * @param longestRest steps alone, at most
   */
  GuessingSession(
      LanguageSession session, TextConfig config, int capacity, int count, int longestRest) {
    this.session = session;
    this.config = config;
    this.capacity = capacity;
    this.count = count;
    this.longestRest = longestRest;
  }

  /** Whether these are the tokens of the next step that it is ahead by. */
  abstract boolean areNext(int[][] tokens);

  /** The caller has appended the tokens of a step that it was ahead by. */
  void took() {}

  /**
   * Appends tokens and more, and says so by {@link #holds}.
   *
   * @param foresight what is known of the tokens to come
   * @return whether it has appended anything
   */
  abstract boolean goAhead(float[] features, int[][] tokens, Foresight foresight);

  /** Sets the next count by how many steps were taken. */
  abstract void learn();

  /** A session of the same kind. */
  abstract GuessingSession over(LanguageSession fork, int room);

  /** The session beneath, if it may be ahead of its caller: for work that would take no guess. */
  static LanguageSession plain(LanguageSession session) {
    if (session instanceof GuessingSession guessing) {
      guessing.takeBack();
      return guessing.session;
    }
    return session;
  }

  final LanguageSession session() {
    return session;
  }

  final TextConfig config() {
    return config;
  }

  final int capacity() {
    return capacity;
  }

  final int held() {
    return held;
  }

  final int taken() {
    return taken;
  }

  final int count() {
    return count;
  }

  final void count(int next) {
    count = next;
  }

  /** Logits (1+held, B, V) after the caller's tokens and each step ahead. */
  final float[] ahead() {
    return ahead;
  }

  /** The same with room for some steps beyond the first; what is in it does not matter. */
  final float[] room(int further) {
    int needed = (1 + further) * rows() * config.vocabularySize();
    if (ahead.length < needed) {
      ahead = new float[needed];
    }
    return ahead;
  }

  /** From now on the session is ahead by so many steps, whose logits are in {@link #ahead}. */
  final void holds(int steps) {
    held = steps;
  }

  /** Other logits of the same steps. */
  final void replaceAhead(float[] other) {
    ahead = other;
  }

  /** Whether this step is one to be taken alone. */
  final boolean rests() {
    return resting > 0 && resting-- > 0;
  }

  /** All was for nothing: the next steps are taken alone, more of them each time. */
  final void leaveOff() {
    resting = rest;
    rest = Math.min(2 * rest, longestRest);
  }

  /** It was worth something. */
  final void goOn() {
    rest = 1;
  }

  @Override
  public final int rows() {
    return session.rows();
  }

  @Override
  public final int length(int row) {
    return session.length(row) - (held - taken);
  }

  /** Of a caller of whom nothing is known: it goes no further ahead. */
  @Override
  public final void append(float[] features, int[][] tokens, float[] logits) {
    append(features, tokens, logits, null);
  }

  /** The same for a caller of whom something is known. */
  final void append(
      float[] features, int[][] tokens, float[] logits, @Nullable Foresight foresight) {
    if (logits.length < rows() * config.vocabularySize()) {
      session.append(features, tokens, logits); // which says so
    }
    if (features.length == 0 && taken < held && areNext(tokens)) {
      taken++;
      took();
      give(logits);
      return;
    }
    takeBack();
    if (foresight != null && goAhead(features, tokens, foresight)) {
      give(logits);
    } else {
      session.append(features, tokens, logits);
    }
  }

  private void give(float[] logits) {
    int size = rows() * config.vocabularySize();
    System.arraycopy(ahead, taken * size, logits, 0, size);
  }

  /** Takes back what the caller did not append. */
  final void takeBack() {
    if (held > 0) {
      if (taken < held) {
        session.truncate(length(0)); // all rows have one length
      }
      learn();
      held = 0;
      taken = 0;
    }
  }

  @Override
  public void select(int[] rows) {
    takeBack();
    session.select(rows);
  }

  @Override
  public final void truncate(int length) {
    takeBack();
    session.truncate(length);
  }

  @Override
  public final LanguageSession fork(int[] rows, int room) {
    takeBack();
    GuessingSession fork = over(session.fork(rows, room), room);
    fork.count = count;
    fork.rest = rest;
    fork.resting = resting;
    return fork;
  }

  @Override
  public final void close() {
    session.close();
  }
}
