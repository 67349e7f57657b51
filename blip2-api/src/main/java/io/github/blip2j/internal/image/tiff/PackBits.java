package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** Runs of bytes (TIFF 6.0, section 9); a run may go on in the next row. */
final class PackBits implements BlockBytes {
  private final Block block;
  private int at;
  private int literals;
  private int repeats;
  private byte repeated;

  PackBits(Block block) {
    this.block = block;
  }

  @Override
  public void read(byte[] target, int count) throws IOException {
    int to = 0;
    while (to < count) {
      if (repeats > 0) {
        int run = Math.min(repeats, count - to);
        Arrays.fill(target, to, to + run, repeated);
        repeats -= run;
        to += run;
      } else if (literals > 0) {
        target[to++] = (byte) next();
        literals--;
      } else {
        int header = (byte) next();
        if (header >= 0) {
          literals = header + 1;
        } else if (header != -128) {
          repeats = 1 - header;
          repeated = (byte) next();
        }
      }
    }
  }

  private int next() throws IOException {
    if (at >= block.length()) {
      throw new EOFException("runs cut short");
    }
    return block.at(at++);
  }
}
