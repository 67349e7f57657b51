package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads bits, the lowest of each byte first (RFC 9649, section 3.2). Behind its end it reads zeros.
 * Not for several threads.
 */
final class BitReader {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] data;
  private final int end;
  private long position; // in bits, from the beginning of the file

  BitReader(Span part) {
    data = part.data();
    position = 8L * part.offset();
    end = part.end();
  }

  /** The next 57 bits or more, the first lowest; they are not consumed. */
  long peek() {
    int at = (int) (position >>> 3);
    long bits = end - at >= Long.BYTES ? (long) LONG.get(data, at) : lastBytes(at);
    return bits >>> (position & 7);
  }

  /** Consumes bits that were seen. */
  void skip(int bits) {
    position += bits;
  }

  /** Consumes up to 24 bits. */
  int read(int bits) {
    int value = (int) peek() & (1 << bits) - 1;
    position += bits;
    return value;
  }

  /** Refuses bits that lie behind the end. */
  void check() throws IOException {
    if (position > 8L * end) {
      throw new IOException("VP8L: expected more pixels, found the end of their bits");
    }
  }

  private long lastBytes(int at) {
    long bits = 0;
    for (int i = end - 1; i >= at; i--) {
      bits = bits << 8 | data[i] & 0xff;
    }
    return bits;
  }
}
