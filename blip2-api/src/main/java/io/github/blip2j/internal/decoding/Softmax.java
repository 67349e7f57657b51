package io.github.blip2j.internal.decoding;

/**
 * Weights e^(score − largest score) over a vocabulary and their sum. {@code Math.exp} of 50 304
 * numbers would take longer than all other decoding together; here they are exact to 2·10⁻⁸ of
 * themselves and 10⁻³⁷, and what is under e^−88 is 0. Its loops have neither branches nor bits of
 * numbers in them, so that the compiler makes vector instructions of them. One is used again at
 * each step: arrays of that size cost more to make than what is computed in them. For one thread.
 */
final class Softmax {
  /** Arguments from −2·CENTRE·PARTS to 0 are divided by PARTS = 2⁶ and moved to ±CENTRE. */
  private static final double CENTRE = 0.6875;

  private static final double PARTS = 64;
  private static final int BLOCK = 256;
  private static final double LOWEST = -2 * CENTRE * PARTS;

  private static final double[] POLYNOMIAL = polynomial();
  private static final double C0 = POLYNOMIAL[0];
  private static final double C1 = POLYNOMIAL[1];
  private static final double C2 = POLYNOMIAL[2];
  private static final double C3 = POLYNOMIAL[3];
  private static final double C4 = POLYNOMIAL[4];
  private static final double C5 = POLYNOMIAL[5];
  private static final double C6 = POLYNOMIAL[6];
  private static final double C7 = POLYNOMIAL[7];
  private static final double C8 = POLYNOMIAL[8];
  private static final double C9 = POLYNOMIAL[9];

  /** What the formula gives for the lowest argument, to be taken off everywhere. */
  private static final double FLOOR = floor();

  private double[] weights = new double[0];
  private int[] order = new int[0];
  private float largest = Float.NEGATIVE_INFINITY;
  private double sum;

  /** Of e^(t − CENTRE) for t within ±CENTRE, through its values at Chebyshev's points. */
  private static double[] polynomial() {
    int count = 10;
    double[] points = new double[count];
    double[] differences = new double[count];
    for (int i = 0; i < count; i++) {
      points[i] = CENTRE * StrictMath.cos(Math.PI * (i + 0.5) / count);
      differences[i] = StrictMath.exp(points[i] - CENTRE);
    }
    for (int step = 1; step < count; step++) {
      for (int i = count - 1; i >= step; i--) {
        differences[i] = (differences[i] - differences[i - 1]) / (points[i] - points[i - step]);
      }
    }
    double[] polynomial = new double[count];
    for (int i = count - 1; i >= 0; i--) { // Horner's scheme in t − points[i]
      for (int power = count - 1; power > 0; power--) {
        polynomial[power] = polynomial[power - 1] - polynomial[power] * points[i];
      }
      polynomial[0] = differences[i] - polynomial[0] * points[i];
    }
    return polynomial;
  }

  private static double floor() {
    double[] lowest = {LOWEST};
    exponentials(lowest, 0, 0);
    return lowest[0];
  }

  /**
   * Computes the weights of scores.
   *
   * @return this
   */
  Softmax of(float[] scores) {
    if (weights.length != scores.length) {
      weights = new double[scores.length];
    }
    largest = Largest.of(scores);
    for (int i = 0; i < scores.length; i++) {
      weights[i] = scores[i];
    }
    exponentials(weights, largest, FLOOR);
    sum = sum(weights, 0, weights.length);
    return this;
  }

  private static void exponentials(double[] values, double largest, double floor) {
    for (int i = 0; i < values.length; i++) {
      double t = Math.max(values[i] - largest, LOWEST) * (1 / PARTS) + CENTRE;
      double s = t * t;
      double p = (((C8 + C9 * t) * s + (C6 + C7 * t)) * s + (C4 + C5 * t)) * s;
      p = (p + (C2 + C3 * t)) * s + (C0 + C1 * t);
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      values[i] = p - floor;
    }
  }

  private static double sum(double[] values, int from, int to) {
    double a = 0; // four sums, so that one addition does not wait for the other
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 3 < to; i += 4) {
      a += values[i];
      b += values[i + 1];
      c += values[i + 2];
      d += values[i + 3];
    }
    for (; i < to; i++) {
      a += values[i];
    }
    return a + b + (c + d);
  }

  /**
   * The first index at which the weights, added up from the first on, are above a mass; the last
   * possible one if rounding leaves a little of it.
   */
  int reaching(double mass) {
    double left = mass;
    int i = 0;
    while (i + BLOCK <= weights.length) {
      double block = sum(weights, i, i + BLOCK);
      if (block > left) {
        break;
      }
      left -= block;
      i += BLOCK;
    }
    for (; i < weights.length; i++) {
      left -= weights[i];
      if (left < 0) {
        return i;
      }
    }
    int last = weights.length - 1;
    while (last > 0 && weights[last] == 0) {
      last--;
    }
    return last;
  }

  /**
   * Makes scores below a bound impossible.
   *
   * @param scores those that the weights are of
   */
  void dropBelow(float[] scores, float least) {
    for (int i = 0; i < scores.length; i++) {
      boolean dropped = scores[i] < least;
      scores[i] = dropped ? Float.NEGATIVE_INFINITY : scores[i];
      weights[i] = dropped ? 0 : weights[i];
    }
    sum = sum(weights, 0, weights.length);
  }

  /** Of each score; they are this object's own until the next call. */
  double[] weights() {
    return weights;
  }

  /** Room for as many integers as there are weights; what is in it does not matter. */
  int[] order() {
    if (order.length != weights.length) {
      order = new int[weights.length];
    }
    return order;
  }

  /** Of all weights. */
  double sum() {
    return sum;
  }

  /** The largest score. */
  float largest() {
    return largest;
  }

  /** log Σ e^scores; negative infinity if all are, and no number if one is none. */
  double logSum() {
    return largest == Float.NEGATIVE_INFINITY ? largest : largest + Math.log(sum);
  }

  /** The probability of each score, in an array of its own. */
  float[] probabilities() {
    float[] probabilities = new float[weights.length];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = (float) (weights[i] / sum);
    }
    return probabilities;
  }
}
