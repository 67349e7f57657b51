package io.github.blip2j.internal.image.tiff;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Deflated bytes in a zlib stream. */
final class Deflated implements BlockBytes {
  private final Inflater inflater = new Inflater();

  Deflated(Block block) {
    if (block.reversed()) {
      byte[] turned = new byte[block.length()];
      for (int i = 0; i < turned.length; i++) {
        turned[i] = (byte) block.at(i);
      }
      inflater.setInput(turned);
    } else {
      inflater.setInput(block.data(), block.from(), block.length());
    }
  }

  @Override
  public void read(byte[] target, int count) throws IOException {
    try {
      for (int to = 0; to < count; ) {
        int more = inflater.inflate(target, to, count - to);
        if (more == 0) {
          throw new EOFException("deflated data cut short");
        }
        to += more;
      }
    } catch (DataFormatException e) {
      throw new IOException("damaged deflated data: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
