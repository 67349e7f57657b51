package io.github.blip2j.internal.image.tiff;

import java.io.IOException;

/**
 * Undoes a predictor, row by row, and gives samples the lowest byte first, as libtiff gives them to
 * Pillow on the machines that its reference results are made on. For one thread.
 */
final class Predictor implements BlockBytes {
  private static final int DIFFERENCES = 2;
  private static final int FLOATS = 3;

  private final BlockBytes bytes;
  private final int kind;
  private final int depth;
  private final int stride; // samples between those that belong together
  private final boolean swap;
  private byte[] planes = {};

  Predictor(BlockBytes bytes, int kind, TiffKind pixels, int stride, boolean bigEndian)
      throws IOException {
    this.bytes = bytes;
    this.kind = kind;
    this.depth = pixels.depth();
    this.stride = stride;
    this.swap = bigEndian;
    boolean known =
        kind <= 1
            || kind == DIFFERENCES && (depth == 8 || depth == 16 || depth == 32)
            || kind == FLOATS && depth == 32;
    if (!known) {
      throw new IOException("predictor " + kind + " of " + depth + " bits");
    }
  }

  @Override
  public void read(byte[] target, int count) throws IOException {
    bytes.read(target, count);
    if (kind == FLOATS) {
      floats(target, count);
      return;
    }
    if (swap && depth > 8 && depth != 12) {
      swap(target, count, depth / 8);
    }
    if (kind == DIFFERENCES) {
      int size = depth / 8;
      for (int i = stride * size; i + size <= count; i += size) {
        int carry = 0;
        for (int j = i; j < i + size; j++) {
          carry += (target[j] & 0xff) + (target[j - stride * size] & 0xff);
          target[j] = (byte) carry;
          carry >>= 8;
        }
      }
    }
  }

  private static void swap(byte[] target, int count, int size) {
    for (int i = 0; i + size <= count; i += size) {
      for (int a = i, b = i + size - 1; a < b; a++, b--) {
        byte kept = target[a];
        target[a] = target[b];
        target[b] = kept;
      }
    }
  }

  /** Bytes as differences, all highest bytes first. */
  private void floats(byte[] target, int count) {
    for (int i = stride; i < count; i++) {
      target[i] += target[i - stride];
    }
    planes = planes.length < count ? new byte[count] : planes;
    System.arraycopy(target, 0, planes, 0, count);
    int values = count / 4;
    for (int i = 0; i < values; i++) {
      for (int j = 0; j < 4; j++) {
        target[4 * i + j] = planes[(3 - j) * values + i];
      }
    }
  }

  @Override
  public void close() {
    bytes.close();
  }
}
