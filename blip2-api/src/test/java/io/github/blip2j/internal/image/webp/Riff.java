package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.BitsOut;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Puts WebP files together, chunk by chunk. */
final class Riff {
  static final int ANIMATION = 2;
  static final int XMP = 4;
  static final int EXIF = 8;
  static final int ALPHA = 16;

  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  /** Adds a chunk, filled up to an even length. */
  Riff with(String type, byte... contents) {
    body.writeBytes(chunk(type, contents));
    return this;
  }

  static byte[] chunk(String type, byte... contents) {
    return ByteBuffer.allocate(8 + contents.length + (contents.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(bytes(type))
        .putInt(contents.length)
        .put(contents)
        .array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** A canvas. */
  Riff canvas(int flags, int width, int height) {
    return with(
        "VP8X",
        BitsOut.lowestFirst().bits(flags, 32).bits(width - 1, 24).bits(height - 1, 24).toBytes());
  }

  /** A frame of an animation whose image is this chunk. */
  Riff frame(int x, int y, byte[] image) {
    byte[] place = BitsOut.lowestFirst().bits(x / 2, 24).bits(y / 2, 24).bits(0, 80).toBytes();
    byte[] all = ByteBuffer.allocate(16 + image.length).put(place).put(image).array();
    return with("ANMF", all);
  }

  /** The header of a lossless image, and nothing behind it. */
  static byte[] lossless(int width, int height) {
    BitsOut bits = BitsOut.lowestFirst().bits(0x2f, 8);
    return bits.bits(width - 1, 14).bits(height - 1, 14).bits(0, 4).toBytes();
  }

  /** The header of a lossy image, and nothing behind it. */
  static byte[] lossy(int width, int height) {
    BitsOut bits = BitsOut.lowestFirst().bits(1 << 4, 24).bits(0x2a019d, 24);
    return bits.bits(width, 16).bits(height, 16).toBytes();
  }

  byte[] toBytes() {
    byte[] chunks = body.toByteArray();
    byte[] all = ByteBuffer.allocate(4 + chunks.length).put(bytes("WEBP")).put(chunks).array();
    return chunk("RIFF", all);
  }
}
