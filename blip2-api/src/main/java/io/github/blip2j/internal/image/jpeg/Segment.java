package io.github.blip2j.internal.image.jpeg;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The parameters of one marker segment, read from its first to its last byte. */
final class Segment {
  private final byte[] data;
  private final int end;
  private int at;

  Segment(byte[] data, int start, int end) {
    this.data = data;
    this.at = start;
    this.end = end;
  }

  /** Bytes that have not been read. */
  int left() {
    return end - at;
  }

  int read() throws IOException {
    if (at >= end) {
      throw new IOException("a marker segment is too short");
    }
    return data[at++] & 0xff;
  }

  int readTwo() throws IOException {
    return read() << 8 | read();
  }

  byte[] read(int count) throws IOException {
    if (count > left()) {
      throw new IOException("a marker segment is too short");
    }
    at += count;
    return Arrays.copyOfRange(data, at - count, at);
  }

  /** Whether the bytes that have not been read begin with this text. */
  boolean startsWith(String text) {
    byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
    int to = Math.min(end, at + expected.length);
    return Arrays.equals(data, at, to, expected, 0, expected.length);
  }

  /** A byte further on, which stays unread. */
  int peek(int ahead) {
    return data[at + ahead] & 0xff;
  }
}
