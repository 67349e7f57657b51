package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;

/** Counts against the rates of a model card. */
final class Rates {
  private Rates() {}

  /** At least within three standard errors of a rate, and one more for a rate next to 1. */
  static void check(int right, int of, double rate) {
    double error = Math.sqrt(of * rate * (1 - rate));
    assertThat((double) right).isBetween(of * rate - 3 * error - 1, (double) of);
  }
}
