package io.github.blip2j.internal.values;

import io.github.blip2j.core.InferenceException;

/** What an engine gives must be numbers. */
public final class FiniteNumbers {
  private FiniteNumbers() {}

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
}
