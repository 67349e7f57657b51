package io.github.blip2j.internal.image.jpeg;

/** Brings values into the range of a sample, by a table as libjpeg does (jdmaster.c). */
final class Levels {
  private static final int MASK = 8191;
  private static final byte[] LEVELS = levels();

  private Levels() {}

  /** 0 to 255 for a value of -4096 to 4095. */
  static byte near(int value) {
    return LEVELS[value & MASK];
  }

  private static byte[] levels() {
    byte[] levels = new byte[MASK + 1];
    for (int i = 0; i <= MASK / 2; i++) {
      levels[i] = (byte) Math.min(i, 255); // the upper half are negative values
    }
    return levels;
  }
}
