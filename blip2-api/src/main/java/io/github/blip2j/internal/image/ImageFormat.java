package io.github.blip2j.internal.image;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The formats that are read by decoders of our own, told apart by their first bytes and never by a
 * file's name. The same file gives the same pixels whatever is on the user's class path.
 */
enum ImageFormat {
  JPEG("ffd8ff"),
  PNG("89504e470d0a1a0a"),
  GIF("474946383[79]61"),
  BMP("424d"),
  WEBP("52494646........57454250"),
  TIFF("(49492a00|4d4d002a|49492b00|4d4d2a00|4949002a)");

  private static final int LONGEST = 12;

  private final String signature; // a pattern over the hexadecimal digits

  ImageFormat(String signature) {
    this.signature = signature;
  }

  /** Recognises an image; empty when it is none of these formats. */
  static Optional<ImageFormat> of(byte[] data) {
    byte[] start = Arrays.copyOf(data, Math.min(data.length, LONGEST));
    String digits = HexFormat.of().formatHex(start);
    return Arrays.stream(values())
        .filter(format -> digits.matches(format.signature + ".*"))
        .findFirst();
  }
}
