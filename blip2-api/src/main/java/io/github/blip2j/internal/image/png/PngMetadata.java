package io.github.blip2j.internal.image.png;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Finds what a PNG says of its orientation: EXIF in a chunk or as a text, ImageMagick's profile in
 * hexadecimal digits, XMP. Chunks behind the image data count, and the last of a kind does.
 */
final class PngMetadata {
  private static final int LARGEST = 1 << 20;
  private static final byte[] NONE = {};

  private final byte[] data;
  private byte[] exif = NONE;
  private byte[] profile = NONE;
  private byte[] xmp = NONE;

  private PngMetadata(byte[] data) {
    this.data = data;
  }

  /** Walks over the chunks of an image that could be read. */
  static PngMetadata of(byte[] data) {
    PngMetadata found = new PngMetadata(data);
    try {
      found.walk();
    } catch (IOException | DataFormatException e) {
      // what is damaged behind the image data ends the file, as it does for its pixels
      return found;
    }
    return found;
  }

  /** An EXIF block, with or without its prefix; empty when there is none. */
  byte[] exif() {
    return exif.length > 0 ? exif : digits(profile);
  }

  /** An XMP packet; empty when there is none. */
  byte[] xmp() {
    return xmp;
  }

  private void walk() throws IOException, DataFormatException {
    Optional<PngChunk> next = PngChunk.read(data, 8);
    while (next.isPresent() && !next.get().type().equals("IEND")) {
      PngChunk chunk = next.get();
      int end = chunk.at() + (int) chunk.require(data, 0).length();
      switch (chunk.type()) {
        case "eXIf" -> exif = Arrays.copyOfRange(data, chunk.at(), end);
        case "tEXt", "zTXt", "iTXt" -> text(chunk.type(), chunk.at(), end);
        default -> {}
      }
      next = PngChunk.read(data, chunk.end());
    }
  }

  private void text(String kind, int from, int to) throws DataFormatException {
    int end = zero(from, to);
    String key = new String(data, from, Math.min(end - from, 40), StandardCharsets.ISO_8859_1);
    int value = end + 1;
    if (key.equals("exif") && kind.equals("tEXt")) {
      exif = Arrays.copyOfRange(data, Math.min(value, to), to);
    } else if (key.equals("Raw profile type exif")) {
      profile = value(kind, value, to);
    } else if (key.equals("XML:com.adobe.xmp")) {
      xmp = value(kind, value, to);
    }
  }

  private byte[] value(String kind, int from, int to) throws DataFormatException {
    if (kind.equals("tEXt")) {
      return Arrays.copyOfRange(data, Math.min(from, to), to);
    }
    if (kind.equals("zTXt")) {
      return from < to ? inflate(from + 1, to) : NONE;
    }
    int body = zero(zero(from + 2, to) + 1, to) + 1;
    if (body > to) {
      return NONE;
    }
    return data[from] == 0 ? Arrays.copyOfRange(data, body, to) : inflate(body, to);
  }

  private int zero(int from, int to) {
    int at = from;
    while (at < to && data[at] != 0) {
      at++;
    }
    return at;
  }

  private byte[] inflate(int from, int to) throws DataFormatException {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(data, from, to - from);
      byte[] text = new byte[(int) Math.min(LARGEST, 1032L * (to - from))];
      int count = 0;
      int more = 1;
      while (more > 0 && count < text.length) {
        more = inflater.inflate(text, count, text.length - count);
        count += more;
      }
      return Arrays.copyOf(text, count);
    } finally {
      inflater.end();
    }
  }

  /** A name, a length and digits, in lines; none of which has to be right. */
  private static byte[] digits(byte[] profile) {
    String[] lines = new String(profile, StandardCharsets.ISO_8859_1).split("\n", -1);
    if (lines.length < 4) {
      return NONE;
    }
    String digits = String.join("", Arrays.asList(lines).subList(3, lines.length));
    try {
      return HexFormat.of().parseHex(digits.replaceAll("\\s", ""));
    } catch (IllegalArgumentException e) {
      return NONE;
    }
  }
}
