package io.github.blip2j.internal.image.raster;

/**
 * Where a decoder writes pixels of one row. One object serves all rows of a decoding, so that
 * images one pixel wide cost no object for each; for one thread.
 */
public final class RgbRow {
  private final byte[] rgb;
  private int at;
  private int pixels;

  /** Writes into (…, 3) bytes of red, green and blue. */
  public RgbRow(byte[] rgb) {
    this.rgb = rgb;
  }

  /** The bytes written to. */
  public byte[] rgb() {
    return rgb;
  }

  /** Index of the first pixel's red. */
  public int at() {
    return at;
  }

  /** How many pixels are written. */
  public int pixels() {
    return pixels;
  }

  /** Moves to other pixels. */
  public RgbRow move(int index, int count) {
    at = index;
    pixels = count;
    return this;
  }
}
