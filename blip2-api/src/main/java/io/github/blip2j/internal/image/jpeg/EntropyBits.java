package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bits of one scan, from its first to its last byte, without stuffed zeros. The next bits are
 * the highest of {@link #buffer}, {@link #count} of them; decoders keep both in local variables
 * while they work on a block.
 *
 * <p>Behind the last byte before a marker come zeros. Whoever used one finds out by {@link #check}:
 * libjpeg warns there and fills the rest of the image with grey, we refuse it.
 */
final class EntropyBits {
  /** There are always this many bits after {@link #fill}, enough for a code and a coefficient. */
  static final int ENOUGH = 32;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long LOWEST = 0x0101010101010101L;
  private static final long HIGHEST = 0x8080808080808080L;

  long buffer;
  int count;
  private final byte[] data;
  private final int end;
  private int at;
  private int invented; // zero bits put behind the last byte

  EntropyBits(byte[] data, int start, int end) {
    this.data = data;
    this.at = start;
    this.end = end;
  }

  /** Makes at least {@link #ENOUGH} bits available; call it when there are fewer. */
  void fill() {
    if (at + 8 <= end) {
      long next = (long) LONGS.get(data, at);
      if (((~next - LOWEST) & next & HIGHEST) == 0) { // no byte is 0xff
        buffer |= next >>> count;
        at += (63 - count) >> 3;
        count |= 56;
        return;
      }
    }
    fillByByte();
  }

  /** The same for a decoder that kept the bits in local variables. */
  void fill(long bits, int available) {
    buffer = bits;
    count = available;
    fill();
  }

  private void fillByByte() {
    // What stands below the bits that count may come from bytes that are read again here.
    buffer = count == 0 ? 0 : buffer & -1L << (64 - count);
    while (count <= 56) {
      buffer |= (long) next() << (56 - count);
      count += 8;
    }
  }

  private int next() {
    if (at < end) {
      int value = data[at] & 0xff;
      if (value != 0xff) {
        at++;
        return value;
      }
      int after = at + 1;
      while (after < end && data[after] == (byte) 0xff) {
        after++;
      }
      if (after < end && data[after] == 0) {
        at = after + 1;
        return 0xff;
      }
      at = after - 1; // of fill bytes only the last counts: the rest is not looked at again
    }
    invented += 8;
    return 0;
  }

  /**
   * Reads a few bits outside the inner loops.
   *
   * @param size 1 to 16
   */
  int read(int size) {
    if (count < ENOUGH) {
      fill();
    }
    int bits = (int) (buffer >>> (64 - size));
    buffer <<= size;
    count -= size;
    return bits;
  }

  /**
   * Reads the next symbol outside the inner loops.
   *
   * @return its entry as {@link HuffmanTable} lays it out; what it says to drop is dropped
   */
  int symbol(HuffmanTable table) throws IOException {
    if (count < ENOUGH) {
      fill();
    }
    int entry = table.look[(int) (buffer >>> (64 - HuffmanTable.LOOK))];
    if (entry == 0) {
      entry = table.longer(buffer);
    }
    int drop = entry & HuffmanTable.DROP;
    buffer <<= drop;
    count -= drop;
    return entry;
  }

  /**
   * Goes on behind the next restart marker.
   *
   * @param number which one is expected, 0 to 7
   * @throws IOException when another marker comes first, or bits were used that are not there
   */
  void restart(int number) throws IOException {
    check();
    at = afterRestart(data, at, end, number);
    buffer = 0;
    count = 0;
    invented = 0;
  }

  /** Finds the next marker, which must be restart marker {@code number}; returns what is behind. */
  static int afterRestart(byte[] data, int from, int end, int number) throws IOException {
    for (int i = from; i + 1 < end; i++) {
      if (data[i] == (byte) 0xff && data[i + 1] != 0 && data[i + 1] != (byte) 0xff) {
        if ((data[i + 1] & 0xff) == 0xd0 + number) {
          return i + 2;
        }
        break;
      }
    }
    throw new IOException("restart marker " + number + " is missing");
  }

  /**
   * Checks that all bits that were read are in the file.
   *
   * @throws IOException when the scan ends too early
   */
  void check() throws IOException {
    if (count < invented) {
      throw new IOException("the coded data of a scan end too early");
    }
  }
}
