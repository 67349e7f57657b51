package io.github.blip2j.internal.values;

import io.github.blip2j.core.InferenceException;
import java.util.Arrays;

/** Checks and arithmetic of a few numbers. */
public final class Numbers {
  private Numbers() {}

  /**
   * Refuses NaN and infinity.
   *
   * @param stage what gave them, for the message
   * @return the same array
   * @throws InferenceException naming the first that is neither
   */
  public static float[] require(String stage, float[] numbers) {
    int bad = firstBad(numbers);
    if (bad >= 0) {
      throw new InferenceException(
          stage + ": expected finite numbers, found " + numbers[bad] + " at index " + bad);
    }
    return numbers;
  }

  /** Index of the first number that is not finite; −1 if all are. */
  public static int firstBad(float[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Scores to probabilities. */
  public static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElse(0);
    double[] weights = Arrays.stream(scores).map(s -> Math.exp(s - largest)).toArray();
    double sum = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(w -> w / sum).toArray();
  }
}
