package io.github.blip2j.internal.image;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file, without their contents.
 *
 * @param list the chunks in file order, up to the first that does not fit into the file
 * @param complete whether the chunks reach the end that the format asks for, undamaged
 */
record Chunks(List<Chunk> list, boolean complete) {
  /**
   * One chunk.
   *
   * @param type four characters
   * @param offset where its contents begin in the file
   * @param length bytes of contents; they all lie inside the file
   */
  record Chunk(String type, int offset, int length) {}

  /**
   * Reads PNG: length, type, contents, check sum. Complete when the end chunk is there and the
   * check sums of critical chunks are right; the JDK's decoder looks at neither.
   */
  static Chunks png(byte[] data) {
    ByteBuffer bytes = ByteBuffer.wrap(data).position(8);
    List<Chunk> found = new ArrayList<>();
    while (bytes.remaining() >= 12) {
      long length = bytes.getInt() & 0xffffffffL;
      String type = fourCharacters(bytes);
      if (length > bytes.remaining() - 4) {
        return new Chunks(found, false);
      }
      int offset = bytes.position();
      found.add(new Chunk(type, offset, (int) length));
      bytes.position(offset + (int) length);
      CRC32 sum = new CRC32();
      sum.update(data, offset - 4, (int) length + 4);
      boolean damaged = bytes.getInt() != (int) sum.getValue();
      boolean critical = Character.isUpperCase(type.charAt(0));
      if (critical && damaged || type.equals("IEND")) {
        return new Chunks(found, !damaged);
      }
    }
    return new Chunks(found, false);
  }

  /** The first chunk of a type, if there is one. */
  Optional<Chunk> first(String type) {
    return list.stream().filter(chunk -> chunk.type().equals(type)).findFirst();
  }

  private static String fourCharacters(ByteBuffer bytes) {
    byte[] type = new byte[4];
    bytes.get(type);
    return new String(type, StandardCharsets.ISO_8859_1);
  }
}
