package io.github.blip2j.internal.image.png;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The inflated image data. Blocks are given to zlib as Pillow gives them, at most 64 KiB and never
 * across chunks: where a stream ends early decides whether Pillow shows the rows before it, and
 * that depends on the blocks. For one thread.
 */
final class PngData implements AutoCloseable {
  private static final int BLOCK = 1 << 16;

  private final byte[] data;
  private final PngHeader header;
  private final Inflater inflater = new Inflater();
  private long at; // in the file, behind what was given to the inflater
  private long left; // bytes of the current chunk behind that
  private boolean over; // a chunk that is no image data was met

  PngData(byte[] data, PngHeader header, PngChunk first) {
    this.data = data;
    this.header = header;
    int number = first.type().equals("fdAT") ? 4 : 0;
    this.at = (long) first.at() + number;
    this.left = first.length() - number;
  }

  /** No more bytes can come out than this, whatever the file says. */
  static long atMost(byte[] data) {
    return 1032L * data.length;
  }

  /**
   * Inflates.
   *
   * @param target where to
   * @param from index of the first byte written
   * @param end index behind the last byte written; nothing behind it is looked at
   * @return how many bytes were written; fewer when the stream ends there
   * @throws IOException when the stream is damaged or the file ends within it
   */
  int read(byte[] target, int from, int end) throws IOException {
    int to = from;
    try {
      while (to < end) {
        if (inflater.getRemaining() == 0 || inflater.finished() || inflater.needsDictionary()) {
          nextBlock();
        }
        int count = inflater.inflate(target, to, end - to);
        to += count;
        if (inflater.finished() && count > 0) {
          return to - from;
        }
      }
      return to - from;
    } catch (DataFormatException e) {
      throw new IOException("damaged image data: " + e.getMessage(), e);
    }
  }

  /** Whether the compressed stream is over. */
  boolean finished() {
    return inflater.finished();
  }

  private void nextBlock() throws IOException {
    while (left == 0 && !over) {
      PngChunk chunk = PngChunk.read(data, at + 4).orElseThrow(() -> new EOFException("cut short"));
      boolean frame = chunk.type().equals("fdAT");
      if (frame) {
        header.frameData(chunk);
      }
      over = !frame && !chunk.type().equals("IDAT") && !chunk.type().equals("DDAT");
      if (!over) {
        at = chunk.at() + (frame ? 4L : 0);
        left = chunk.length() - (frame ? 4 : 0);
      }
    }
    int count = (int) Math.min(Math.min(BLOCK, left), data.length - at);
    if (over || count <= 0) {
      throw new EOFException("image data cut short");
    }
    inflater.setInput(data, (int) at, count);
    at += count;
    left -= count;
  }

  /** Where the chunks behind the image data begin. */
  long end() {
    return at + left + 4;
  }

  @Override
  public void close() {
    inflater.end();
  }
}
