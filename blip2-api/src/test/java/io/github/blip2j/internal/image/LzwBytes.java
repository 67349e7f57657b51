package io.github.blip2j.internal.image;

import java.util.HashMap;
import java.util.Map;

/** Packs bytes by LZW as TIFF and GIF do, for tests of what unpacks them. */
public final class LzwBytes {
  private static final int WIDEST = 12;
  private static final int FULL = 1 << WIDEST;

  private final BitsOut out;
  private final int bits;
  private final int late;
  private final boolean forgets;
  private final Map<String, Integer> codes = new HashMap<>();
  private int next;
  private int size;

  private LzwBytes(BitsOut out, int bits, int late, boolean forgets) {
    this.out = out;
    this.bits = bits;
    this.late = late;
    this.forgets = forgets;
  }

  /** Codes begin with their highest bit and are widened one early. */
  public static byte[] tiff(byte[] values) {
    return new LzwBytes(BitsOut.highestFirst(), 8, 0, true).pack(values);
  }

  /** As programs of 1988 wrote it. */
  public static byte[] oldTiff(byte[] values) {
    return new LzwBytes(BitsOut.lowestFirst(), 8, 1, true).pack(values);
  }

  /**
   * Without blocks and the byte in front.
   *
   * @param bits of a value, 2 to 8
   * @param forgets whether the table is begun again once it is full
   */
  public static byte[] gif(byte[] values, int bits, boolean forgets) {
    return new LzwBytes(BitsOut.lowestFirst(), bits, 1, forgets).pack(values);
  }

  private byte[] pack(byte[] values) {
    clear(bits + 1);
    String current = "";
    for (byte value : values) {
      String longer = current + (char) (value & 0xff);
      if (longer.length() == 1 || codes.containsKey(longer)) {
        current = longer;
        continue;
      }
      emit(current);
      remember(longer);
      current = longer.substring(longer.length() - 1);
    }
    if (!current.isEmpty()) {
      emit(current);
      remember(current + (char) 256); // the reader remembers one, too
    }
    out.bits((1 << bits) + 1L, size);
    return out.toBytes();
  }

  private void clear(int width) {
    out.bits(1L << bits, width);
    codes.clear();
    next = (1 << bits) + 2;
    size = bits + 1;
  }

  private void emit(String text) {
    out.bits(text.length() == 1 ? text.charAt(0) : codes.get(text), size);
  }

  private void remember(String text) {
    if (next < FULL) {
      codes.put(text, next++);
      size += next == (1 << size) + late && size < WIDEST ? 1 : 0;
    }
    if (next == FULL - 2 && forgets) {
      clear(size);
    }
  }
}
