package io.github.blip2j.cli;

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
  /** Of the heap's bytes, those for each character: copies of it in JSON, address and image. */
  private static final int HEAP_SHARE = 16;

  private final InputStream input;
  private final long longest;
  private boolean afterReturn; // a line feed now belongs to the line before
  private @Nullable BufferedReader reader;

  Lines(InputStream input) {
    this(input, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
  }

  Lines(InputStream input, long longest) {
    this.input = input;
    this.longest = longest;
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
   * @throws IllegalArgumentException if it is too long to be kept; the next call reads on behind it
   * @throws IOException if standard input cannot be read; says so
   */
  @Nullable String next() throws IOException {
    try {
      if (reader == null) {
        reader = new BufferedReader(decoded());
      }
      return line(reader);
    } catch (IOException e) {
      throw new IOException("standard input: " + e.getMessage(), e);
    }
  }

  /** As {@link BufferedReader#readLine} has it, but for the limit. */
  private @Nullable String line(BufferedReader from) throws IOException {
    StringBuilder text = new StringBuilder();
    long length = 0;
    int next = from.read();
    if (next == '\n' && afterReturn) {
      next = from.read();
    }
    if (next < 0) {
      return null;
    }
    for (; next >= 0 && next != '\n' && next != '\r'; next = from.read()) {
      if (++length <= longest) {
        text.append((char) next);
      }
    }
    afterReturn = next == '\r';
    if (length > longest) {
      throw new IllegalArgumentException(
          "standard input: expected lines of at most "
              + longest
              + " characters (more with more heap), found "
              + length);
    }
    return text.toString();
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
