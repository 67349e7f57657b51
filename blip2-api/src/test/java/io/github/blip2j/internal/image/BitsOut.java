package io.github.blip2j.internal.image;

import java.io.ByteArrayOutputStream;

/** Writes bits as image formats pack them, for tests that encode what a decoder is to read. */
public final class BitsOut {
  private final boolean highestFirst;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private int current;
  private int count;

  private BitsOut(boolean highestFirst) {
    this.highestFirst = highestFirst;
  }

  /** The first bit of a byte is its highest, as in TIFF and JPEG. */
  public static BitsOut highestFirst() {
    return new BitsOut(true);
  }

  /** The first bit of a byte is its lowest, as in GIF and lossless WebP. */
  public static BitsOut lowestFirst() {
    return new BitsOut(false);
  }

  /** Writes the lowest bits of a value, in the order of the format. */
  public BitsOut bits(long value, int size) {
    for (int i = 0; i < size; i++) {
      bit((int) (value >>> (highestFirst ? size - 1 - i : i)) & 1);
    }
    return this;
  }

  /** Writes a code that is given as zeros and ones. */
  public BitsOut code(String zerosAndOnes) {
    zerosAndOnes.chars().forEach(c -> bit(c - '0'));
    return this;
  }

  private void bit(int bit) {
    current |= bit << (highestFirst ? 7 - count : count);
    if (++count == 8) {
      bytes.write(current);
      current = 0;
      count = 0;
    }
  }

  /** Fills the last byte up with zeros. */
  public BitsOut align() {
    while (count > 0) {
      bit(0);
    }
    return this;
  }

  /** What was written, filled up to a whole byte. */
  public byte[] toBytes() {
    align();
    return bytes.toByteArray();
  }
}
