package io.github.blip2j.internal.image.webp;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/**
 * VP8's arithmetic encoder (RFC 6386, section 7.3), whose bottom is kept whole here instead of
 * passing carries on.
 */
final class BoolEncoder {
  private static final int EVEN = 128;
  private static final int FIRST_BITS = 8; // in front of those that were shifted in

  private BigInteger bottom = BigInteger.ZERO;
  private int range = 255;
  private int shifted;

  BoolEncoder bit(int bit, int probability) {
    int split = 1 + ((range - 1) * probability >> 8);
    if (bit == 1) {
      bottom = bottom.add(BigInteger.valueOf(split));
      range -= split;
    } else {
      range = split;
    }
    while (range < 128) {
      range <<= 1;
      bottom = bottom.shiftLeft(1);
      shifted++;
    }
    return this;
  }

  BoolEncoder flag(boolean flag) {
    return bit(flag ? 1 : 0, EVEN);
  }

  /** An unsigned number, its highest bit first. */
  BoolEncoder number(int value, int size) {
    for (int i = size - 1; i >= 0; i--) {
      bit(value >> i & 1, EVEN);
    }
    return this;
  }

  /** A number with its sign behind it, and in front that there is one; nothing for 0. */
  BoolEncoder optional(int value, int size) {
    flag(value != 0);
    return value == 0 ? this : number(Math.abs(value), size).flag(value < 0);
  }

  byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int size = shifted + FIRST_BITS;
    BigInteger all = bottom.shiftLeft((8 - size % 8) % 8);
    for (int at = (size + 7) / 8 - 1; at >= 0; at--) {
      out.write(all.shiftRight(8 * at).intValue() & 0xff);
    }
    return out.toByteArray();
  }

  /** Reads what was written. */
  BoolDecoder reader() {
    byte[] bytes = toBytes();
    return new BoolDecoder(new Span(bytes, 0, bytes.length));
  }
}
