package io.github.blip2j.internal.image;

import java.io.ByteArrayOutputStream;

/** Writes small JPEG files that ask for much. */
public final class GrayJpeg {
  private GrayJpeg() {}

  /** A gray square whose AC scans say nothing about all blocks, 16384 of them in 15 bits. */
  public static byte[] progressive(int side, int scans) {
    int blocks = side / 8 * (side / 8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    write(file, 0xff, 0xd8, 0xff, 0xdb, 0, 67, 0);
    file.writeBytes(new byte[64]);
    write(file, 0xff, 0xc2, 0, 11, 8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0);
    huffman(file, 0, 0);
    huffman(file, 0x10, 0xe0);
    write(file, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0);
    file.writeBytes(new byte[(blocks + 7) / 8]);
    byte[] runs = new byte[(blocks / (1 << 14) + 1) * 2];
    for (int i = 0; i < scans; i++) {
      write(file, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0);
      file.writeBytes(runs);
    }
    write(file, 0xff, 0xd9);
    return file.toByteArray();
  }

  /** A table with one symbol, whose code is a 0. */
  static void huffman(ByteArrayOutputStream file, int slot, int symbol) {
    write(file, 0xff, 0xc4, 0, 20, slot, 1);
    file.writeBytes(new byte[15]);
    file.write(symbol);
  }

  private static void write(ByteArrayOutputStream file, int... bytes) {
    for (int value : bytes) {
      file.write(value);
    }
  }
}
