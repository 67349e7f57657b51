package io.github.blip2j.examples.cli;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lines of standard input: UTF-8, or what a byte-order mark in front says, which is no part of the
 * first line. For one thread.
 */
final class Lines {
  private final InputStream input;
  private @Nullable BufferedReader reader;

  Lines(InputStream input) {
    this.input = input;
  }

  /**
   * Whether something can be read at once, before the first line is.
   *
   * @throws IOException if standard input cannot be read; says so
   */
  boolean ready() throws IOException {
    try {
      return input.available() > 0;
    } catch (IOException e) {
      throw new IOException("standard input: " + e.getMessage(), e);
    }
  }

  /**
   * The next line, or null behind the last.
   *
   * @throws IOException if standard input cannot be read; says so
   */
  @Nullable String next() throws IOException {
    try {
      if (reader == null) {
        reader = new BufferedReader(decoded());
      }
      return reader.readLine();
    } catch (IOException e) {
      throw new IOException("standard input: " + e.getMessage(), e);
    }
  }

  /** Without the mark; waits for no byte that need not come. */
  private Reader decoded() throws IOException {
    byte[] seen = new byte[3];
    int length = 0;
    while (Mark.begunBy(seen, length)) {
      int next = input.read();
      if (next < 0) {
        break;
      }
      seen[length++] = (byte) next;
      for (Mark mark : Mark.values()) {
        if (mark.is(seen, length)) {
          return new InputStreamReader(input, mark.charset);
        }
      }
    }
    InputStream start = new ByteArrayInputStream(seen, 0, length);
    return new InputStreamReader(new SequenceInputStream(start, input), StandardCharsets.UTF_8);
  }

  private enum Mark {
    UTF_8(StandardCharsets.UTF_8, 0xef, 0xbb, 0xbf),
    UTF_16BE(StandardCharsets.UTF_16BE, 0xfe, 0xff),
    UTF_16LE(StandardCharsets.UTF_16LE, 0xff, 0xfe);

    private final Charset charset;
    private final byte[] bytes;

    Mark(Charset charset, int... bytes) {
      this.charset = charset;
      this.bytes = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        this.bytes[i] = (byte) bytes[i];
      }
    }

    private boolean is(byte[] seen, int length) {
      return Arrays.equals(bytes, 0, bytes.length, seen, 0, length);
    }

    /** Whether more bytes could make one of the marks. */
    private static boolean begunBy(byte[] seen, int length) {
      return Arrays.stream(values())
          .anyMatch(
              m -> length < m.bytes.length && Arrays.equals(m.bytes, 0, length, seen, 0, length));
    }
  }
}
