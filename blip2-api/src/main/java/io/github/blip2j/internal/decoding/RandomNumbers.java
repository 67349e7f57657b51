package io.github.blip2j.internal.decoding;

import java.util.stream.DoubleStream;

/**
 * The generator of sampling: SplitMix64 (Steele, Lea and Flood 2014). Number i of sequence s under
 * seed z comes from the state z + s·0x632BE59BD9B4E019 + (i+1)·0x9E3779B97F4A7C15, all modulo 2⁶⁴,
 * mixed as below; its upper 53 bits are the fraction. The same on every platform, and a sequence's
 * numbers do not depend on what else is in the batch. For one thread.
 */
final class RandomNumbers {
  private static final long STEP = 0x9E3779B97F4A7C15L;
  private static final long SEQUENCE = 0x632BE59BD9B4E019L;

  private final Softmax softmax;
  private long state;

  RandomNumbers(long seed, int sequence) {
    this(seed + sequence * SEQUENCE, new Softmax());
  }

  private RandomNumbers(long state, Softmax softmax) {
    this.state = state;
    this.softmax = softmax;
  }

  /** The same numbers, from the one behind the next {@code count} on; not for another thread. */
  RandomNumbers after(int count) {
    return new RandomNumbers(state + count * STEP, softmax);
  }

  /** The next {@code count} numbers, which stay the next. */
  double[] coming(int count) {
    RandomNumbers copy = after(0);
    return DoubleStream.generate(copy::next).limit(count).toArray();
  }

  /** Uniform in [0, 1). */
  double next() {
    state += STEP;
    long z = state;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return ((z ^ z >>> 31) >>> 11) * 0x1p-53;
  }

  /**
   * An index drawn by the softmax of scores: the first whose cumulative probability is above a
   * draw.
   */
  int draw(float[] scores) {
    return draw(softmax.of(scores));
  }

  /** The same of a softmax that has been computed. */
  int draw(Softmax known) {
    return known.reaching(next() * known.sum());
  }

  /** −log(−log u): added to log-weights, the largest sums are a draw without replacement. */
  double gumbel() {
    return -Math.log(-Math.log(next() + 0x1p-54));
  }
}
