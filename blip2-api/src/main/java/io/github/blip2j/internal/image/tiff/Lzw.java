package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;

/**
 * LZW as libtiff reads it (tif_lzw.c): codes of 9 to 12 bits, the highest bit first and widened one
 * code early; or, in files of old programs, the lowest bit first and widened in time.
 */
final class Lzw implements BlockBytes {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int CODES = 4096 + 1024;

  private final Block block;
  private final boolean old;
  private final byte[] last = new byte[CODES];
  private final short[] link = new short[CODES];
  private final byte[] waiting = new byte[CODES];

  private int from = CODES; // of the bytes that wait
  private int at;
  private int bits;
  private int bitCount;
  private int size = 9;
  private int next = END + 1;
  private int lastCode = -1;
  private byte first;

  Lzw(Block block) {
    this.block = block;
    this.old = block.length() > 1 && block.at(0) == 0 && (block.at(1) & 1) == 1;
    for (int i = 0; i < CLEAR; i++) {
      last[i] = (byte) i;
    }
  }

  @Override
  public void read(byte[] target, int count) throws IOException {
    int to = 0;
    while (to < count) {
      int run = Math.min(count - to, CODES - from);
      System.arraycopy(waiting, from, target, to, run);
      from += run;
      to += run;
      if (to < count) {
        string();
      }
    }
  }

  private void string() throws IOException {
    int code = code();
    if (code == CLEAR) {
      size = 9;
      next = END + 1;
      lastCode = -1;
      return;
    }
    if (code == END) {
      throw new EOFException("LZW data cut short");
    }
    boolean damaged = lastCode < 0 ? code > CLEAR : code > next || next >= CODES;
    if (damaged) {
      throw new IOException("damaged LZW data");
    }
    int c = code;
    if (code == next && lastCode >= 0) {
      waiting[--from] = first;
      c = lastCode;
    }
    while (c >= CLEAR) {
      if (from == 0) {
        throw new IOException("damaged LZW data");
      }
      waiting[--from] = last[c];
      c = link[c];
    }
    first = (byte) c;
    waiting[--from] = first;
    if (lastCode >= 0) {
      last[next] = first;
      link[next] = (short) lastCode;
      next++;
      if (next > (1 << size) - (old ? 1 : 2) && size < 12) {
        size++;
      }
    }
    lastCode = code;
  }

  private int code() {
    while (bitCount < size) {
      if (at >= block.length()) {
        return END; // an end code that is missing
      }
      int more = block.at(at++);
      bits = old ? bits | more << bitCount : bits << 8 | more;
      bitCount += 8;
    }
    bitCount -= size;
    if (old) {
      int code = bits & (1 << size) - 1;
      bits >>>= size;
      return code;
    }
    return bits >>> bitCount & (1 << size) - 1;
  }
}
