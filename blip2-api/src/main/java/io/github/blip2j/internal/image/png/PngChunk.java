package io.github.blip2j.internal.image.png;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * One chunk.
 *
 * @param type its four letters, digits or underscores
 * @param at index of its first content byte in the file
 * @param length bytes of contents that it claims; they need not be there
 */
record PngChunk(String type, int at, long length) {
  /**
   * Reads a chunk's length and type.
   *
   * @param data the file
   * @param at where the chunk begins
   * @return the chunk, empty when the file ends before its contents
   * @throws IOException when the type is no type
   */
  static Optional<PngChunk> read(byte[] data, long at) throws IOException {
    if (at + 8 > data.length) {
      return Optional.empty();
    }
    int start = (int) at;
    for (int i = 4; i < 8; i++) {
      char letter = (char) (data[start + i] & 0xff);
      boolean word =
          letter >= 'a' && letter <= 'z'
              || letter >= 'A' && letter <= 'Z'
              || letter >= '0' && letter <= '9'
              || letter == '_';
      if (!word) {
        throw new IOException("a chunk's type that is no word at byte " + (start + i));
      }
    }
    String type = new String(data, start + 4, 4, StandardCharsets.ISO_8859_1);
    return Optional.of(new PngChunk(type, start + 8, integer(data, start) & 0xffffffffL));
  }

  /** Where the chunk behind this one begins, past the check sum; may lie behind the file's end. */
  long end() {
    return at + length + 4;
  }

  /** Contents are there, at least {@code least} bytes of them. */
  PngChunk require(byte[] data, int least) throws IOException {
    if (at + length > data.length) {
      throw new IOException(type + " chunk cut short");
    }
    if (length < least) {
      throw new IOException(type + " chunk of " + length + " bytes");
    }
    return this;
  }

  /** The check sum is there and right. */
  void checkSum(byte[] data) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(data, at - 4, (int) length + 4);
    int stored = (int) (at + length);
    if (stored + 4 > data.length || integer(data, stored) != (int) sum.getValue()) {
      throw new IOException(type + " chunk with a wrong check sum");
    }
  }

  /** A big-endian integer. */
  static int integer(byte[] data, int at) {
    return data[at] << 24
        | (data[at + 1] & 0xff) << 16
        | (data[at + 2] & 0xff) << 8
        | data[at + 3] & 0xff;
  }
}
