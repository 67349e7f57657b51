package io.github.blip2j.internal.image.webp;

/**
 * A part of a file.
 *
 * @param data the whole file, which nobody changes
 * @param offset where the part begins
 * @param length its bytes, all of which lie inside the file
 */
record Span(byte[] data, int offset, int length) {
  /** Where the part ends, exclusive. */
  int end() {
    return offset + length;
  }

  /** An unsigned byte, counted from the beginning of the part. */
  int u8(int at) {
    return data[offset + at] & 0xff;
  }

  /** Two bytes, the low one first. */
  int u16(int at) {
    return u8(at) | u8(at + 1) << 8;
  }

  /** Three bytes, the lowest first. */
  int u24(int at) {
    return u16(at) | u8(at + 2) << 16;
  }

  /** Four bytes, the lowest first. */
  int i32(int at) {
    return u24(at) | u8(at + 3) << 24;
  }

  /** Four bytes, the lowest first, unsigned. */
  long u32(int at) {
    return i32(at) & 0xffffffffL;
  }

  /** The part without its first bytes. */
  Span from(int bytes) {
    return new Span(data, offset + bytes, length - bytes);
  }

  /** The first bytes of the part, or all of it where there are fewer. */
  Span first(int bytes) {
    return new Span(data, offset, Math.min(bytes, length));
  }
}
