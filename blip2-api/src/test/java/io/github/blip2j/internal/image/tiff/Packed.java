package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.LzwBytes;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.Deflater;

/** Packs a strip or tile, for tests of what unpacks it. */
enum Packed {
  NONE(1),
  LZW(5),
  DEFLATE(8),
  PACK_BITS(32_773);

  private final int compression;

  Packed(int compression) {
    this.compression = compression;
  }

  /** TIFF's number of it. */
  int compression() {
    return compression;
  }

  byte[] of(byte[] plain) {
    return switch (this) {
      case NONE -> plain;
      case LZW -> LzwBytes.tiff(plain);
      case DEFLATE -> deflated(plain);
      case PACK_BITS -> runs(plain);
    };
  }

  private static byte[] deflated(byte[] plain) {
    Deflater deflater = new Deflater();
    deflater.setInput(plain);
    deflater.finish();
    byte[] packed = new byte[plain.length + 100];
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  private static byte[] runs(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < plain.length; ) {
      int run = 1;
      while (run < 128 && at + run < plain.length && plain[at + run] == plain[at]) {
        run++;
      }
      if (run > 1) {
        out.write(1 - run);
        out.write(plain[at]);
      } else {
        run = Math.min(3, plain.length - at);
        out.write(-128); // does nothing
        out.write(run - 1);
        out.write(plain, at, run);
      }
      at += run;
    }
    return out.toByteArray();
  }
}
