package io.github.blip2j.internal.decoding;

/**
 * How many steps a proposer goes ahead the next time, and for how many it rests since nothing that
 * it proposed was accepted. For one thread.
 */
final class Pace {
  private final int longestRest;
  private int count;
  private int rest = 1; // steps alone, the next time that all was for nothing
  private int resting;

  /**
   * Starts.
   *
   * @param count steps to go ahead the first time, at most
   * @param longestRest steps alone, at most
   */
  Pace(int count, int longestRest) {
    this.count = count;
    this.longestRest = longestRest;
  }

  /** Steps to go ahead, at most. */
  int count() {
    return count;
  }

  void count(int next) {
    count = next;
  }

  /** Whether this step is one to be taken alone. */
  boolean rests() {
    return resting > 0 && resting-- > 0;
  }

  /** All was for nothing: the next steps are taken alone, more of them each time. */
  void leaveOff() {
    resting = rest;
    rest = Math.min(2 * rest, longestRest);
  }

  /** It was worth something. */
  void goOn() {
    rest = 1;
  }

  /** Goes on as another one would. */
  void follow(Pace other) {
    count = other.count;
    rest = other.rest;
    resting = other.resting;
  }
}
