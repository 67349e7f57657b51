package io.github.blip2j.train;

import java.util.Random;

/**
 * In which order examples come: each once in every round, and each round in another order, which
 * follows from seed and round alone. For one thread.
 */
final class ExampleOrder {
  private final int count;
  private final long seed;
  private final int[] order;
  private long round = -1;

  ExampleOrder(int count, long seed) {
    this.count = count;
    this.seed = seed;
    this.order = new int[count];
  }

  /** The example at a place of the endless row of rounds, from 0. */
  int at(long place) {
    if (place / count != round) {
      round = place / count;
      shuffle();
    }
    return order[(int) (place % count)];
  }

  private void shuffle() {
    Random random = new Random(seed * 1_000_003 + round);
    for (int i = 0; i < count; i++) {
      int other = random.nextInt(i + 1);
      order[i] = order[other];
      order[other] = i;
    }
  }
}
