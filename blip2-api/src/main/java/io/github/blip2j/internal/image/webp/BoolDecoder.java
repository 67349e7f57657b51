package io.github.blip2j.internal.image.webp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The arithmetic decoder of VP8 (RFC 6386, section 7). Behind its end it reads zeros. Not for
 * several threads.
 */
final class BoolDecoder {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] data;
  private final int end;
  private int position;

  /** The bits that have been loaded, the oldest highest. */
  long value;

  /** How many of them lie below the eight that are compared next; below 0, some are missing. */
  int spare = -8;

  /** From 128 to 255. */
  int range = 255;

  private boolean damaged;

  BoolDecoder(Span part) {
    data = part.data();
    position = part.offset();
    end = part.end();
    load(); // as libwebp does, for which an empty part is at its end at once
    damaged |= value >>> spare >= range; // which no encoder writes
  }

  /** Whether a bit was asked for that lies behind the end, or no encoder wrote these bits. */
  boolean damaged() {
    return damaged;
  }

  /**
   * Decodes one bit.
   *
   * @param probability that it is 0, in 256ths
   */
  int bit(int probability) {
    if (spare < 0) {
      load();
    }
    int split = 1 + (((range - 1) * probability) >> 8);
    long bound = (long) split << spare;
    int bit;
    if (value >= bound) {
      value -= bound;
      range -= split;
      bit = 1;
    } else {
      range = split;
      bit = 0;
    }
    int shift = Integer.numberOfLeadingZeros(range) - 24;
    range <<= shift;
    spare -= shift;
    return bit;
  }

  /** Decodes one bit that is as likely 0 as 1. */
  boolean flag() {
    return bit(128) == 1;
  }

  /**
   * Walks down a tree, a bit at each node (RFC 6386, section 8.1).
   *
   * @param tree for each node where a 0 and where a 1 lead: to another node, or, negated or 0, to a
   *     leaf
   * @param probabilities of the nodes, from {@code at} on
   * @return the leaf
   */
  int leaf(int[] tree, int[] probabilities, int at) {
    int node = 0;
    do {
      node = tree[2 * node + bit(probabilities[at + node])];
    } while (node > 0);
    return -node;
  }

  /** Decodes an unsigned number, its highest bit first. */
  int number(int bits) {
    int number = 0;
    for (int i = 0; i < bits; i++) {
      number = number << 1 | bit(128);
    }
    return number;
  }

  /** Decodes a magnitude and then its sign. */
  int signed(int bits) {
    int magnitude = number(bits);
    return flag() ? -magnitude : magnitude;
  }

  /** Decodes a flag, and a signed number where it is set; 0 where it is not. */
  int optional(int bits) {
    return flag() ? signed(bits) : 0;
  }

  /** Goes on from a state that bits were decoded from elsewhere. */
  BoolDecoder set(long newValue, int newSpare, int newRange) {
    value = newValue;
    spare = newSpare;
    range = newRange;
    return this;
  }

  /** Makes spare bits of the bytes that follow; the new value. */
  long load() {
    if (end - position < Long.BYTES) {
      return loadByte();
    }
    value = value << 56 | (long) LONG.get(data, position) >>> 8;
    position += 7;
    spare += 56;
    return value;
  }

  private long loadByte() {
    if (position < end) {
      value = value << 8 | data[position++] & 0xff;
      spare += 8;
    } else if (!damaged) {
      value <<= 8;
      spare += 8;
      damaged = true;
    } else {
      spare = 0;
    }
    return value;
  }
}
