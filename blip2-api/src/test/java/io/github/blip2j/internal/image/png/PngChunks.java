package io.github.blip2j.internal.image.png;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Chunks of PNG files, one behind the other, and the header that has read them. */
final class PngChunks {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Adds a chunk with its check sum. */
  PngChunks with(String type, byte[] contents) {
    byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
    CRC32 sum = new CRC32();
    sum.update(name);
    sum.update(contents);
    out.writeBytes(ByteBuffer.allocate(4).putInt(contents.length).array());
    out.writeBytes(name);
    out.writeBytes(contents);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    return this;
  }

  PngChunks with(String type, int... contents) {
    byte[] bytes = new byte[contents.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) contents[i];
    }
    return with(type, bytes);
  }

  /** Adds a chunk of big-endian integers. */
  PngChunks integers(String type, int... values) {
    return with(type, big(values));
  }

  /** An image header without interlacing. */
  PngChunks header(int width, int height, int depth, int color) {
    return with("IHDR", joined(big(width, height), depth, color, 0, 0, 0));
  }

  /** A frame's control chunk, its last six bytes zeros. */
  PngChunks frame(int number, int width, int height, int left, int top) {
    return with("fcTL", joined(big(number, width, height, left, top), 0, 0, 0, 0, 0, 0));
  }

  static byte[] big(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }

  static byte[] joined(byte[] front, int... behind) {
    ByteBuffer all = ByteBuffer.allocate(front.length + behind.length).put(front);
    for (int value : behind) {
      all.put((byte) value);
    }
    return all.array();
  }

  static byte[] deflated(byte[] plain) {
    Deflater deflater = new Deflater();
    deflater.setInput(plain);
    deflater.finish();
    byte[] packed = new byte[plain.length + 64];
    int count = deflater.deflate(packed);
    deflater.end();
    return java.util.Arrays.copyOf(packed, count);
  }

  /** A whole file. */
  byte[] toBytes() {
    return ByteBuffer.allocate(8 + out.size())
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})
        .put(out.toByteArray())
        .array();
  }

  /** What a header makes of the chunks. */
  PngHeader read() throws IOException {
    byte[] data = out.toByteArray();
    PngHeader header = new PngHeader(data);
    for (long at = 0; at < data.length; ) {
      PngChunk chunk = PngChunk.read(data, at).orElseThrow();
      chunk.checkSum(data);
      if (chunk.type().equals("fdAT")) {
        header.frameData(chunk);
      } else {
        header.read(chunk);
      }
      at = chunk.end();
    }
    return header;
  }
}
