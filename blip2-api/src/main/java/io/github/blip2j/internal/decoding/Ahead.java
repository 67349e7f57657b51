package io.github.blip2j.internal.decoding;

import java.util.Arrays;

/**
 * Steps that a session holds behind the tokens of its caller, and the logits after each. The caller
 * accepts them one by one. For one thread.
 */
final class Ahead {
  private final int vocabulary;
  private float[] logits = new float[0]; // (1+N,B,V)
  private int[][] ids = {}; // (N,B)
  private int accepted;

  Ahead(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Room for logits (1+N,B,V) of the caller's step and N further ones; what is in it is old. */
  float[] room(int rows, int further) {
    int needed = (1 + further) * rows * vocabulary;
    if (logits.length < needed) {
      logits = new float[needed];
    }
    return logits;
  }

  /** From now on it holds these steps (N,B), whose logits are in {@link #room}. */
  void hold(int[][] steps) {
    ids = steps;
    accepted = 0;
  }

  /** Steps, whether the caller has accepted them or not. */
  int held() {
    return ids.length;
  }

  int accepted() {
    return accepted;
  }

  /** Steps that the caller has not accepted so far. */
  int left() {
    return ids.length - accepted;
  }

  /** Accepts the next step if these are its tokens. */
  boolean accept(int[][] tokens) {
    if (left() == 0 || tokens.length != ids[accepted].length) {
      return false;
    }
    for (int row = 0; row < tokens.length; row++) {
      if (tokens[row].length != 1 || tokens[row][0] != ids[accepted][row]) {
        return false;
      }
    }
    accepted++;
    return true;
  }

  /** Gives the logits (B,V) after the caller's last token. */
  void give(float[] target, int rows) {
    int size = rows * vocabulary;
    System.arraycopy(logits, accepted * size, target, 0, size);
  }

  /** Row i becomes what row {@code rows[i]} was, of so many. */
  void select(int[] rows, int before) {
    float[] kept = new float[(1 + ids.length) * rows.length * vocabulary];
    for (int step = accepted; step <= ids.length; step++) {
      for (int row = 0; row < rows.length; row++) {
        int from = (step * before + rows[row]) * vocabulary;
        int to = (step * rows.length + row) * vocabulary;
        System.arraycopy(logits, from, kept, to, vocabulary);
      }
    }
    logits = kept;
    ids =
        Arrays.stream(ids)
            .map(step -> Arrays.stream(rows).map(row -> step[row]).toArray())
            .toArray(int[][]::new);
  }
}
