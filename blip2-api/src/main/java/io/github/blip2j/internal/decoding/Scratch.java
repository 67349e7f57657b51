package io.github.blip2j.internal.decoding;

/**
 * Arrays of a vocabulary's size that one request uses again at each step: making them anew would
 * cost more than what is computed in them. For one thread.
 */
final class Scratch {
  private float[] floats = new float[0];
  private int[] integers = new int[0];

  /** At least so many; what is in them does not matter. */
  float[] floats(int count) {
    if (floats.length != count) {
      floats = new float[count];
    }
    return floats;
  }

  /** At least so many; what is in them does not matter. */
  int[] integers(int count) {
    if (integers.length != count) {
      integers = new int[count];
    }
    return integers;
  }
}
