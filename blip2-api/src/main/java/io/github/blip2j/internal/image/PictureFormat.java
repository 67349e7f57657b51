package io.github.blip2j.internal.image;

import io.github.blip2j.UnreadableImageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The formats that can be read, told apart by their first bytes and never by a file's name, each
 * with the one decoder it is given to. A fixed decoder gives the same pixels whatever else is on
 * the user's class path.
 */
enum PictureFormat {
  JPEG("ffd8ff", "com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi"),
  PNG("89504e470d0a1a0a", ""),
  GIF("474946383[79]61", ""),
  BMP("424d", ""),
  WEBP("52494646........57454250", ""),
  TIFF("(49492a00|4d4d002a)", "com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi");

  private static final int LONGEST = 12;

  private final String signature; // a pattern over the hexadecimal digits
  private final String provider;

  PictureFormat(String signature, String provider) {
    this.signature = signature;
    this.provider = provider;
  }

  /**
   * The class name of the ImageIO service provider that decodes this format; empty where the
   * decoder is our own.
   */
  String provider() {
    return provider;
  }

  /**
   * Recognises a picture.
   *
   * @param data the whole file
   * @param name what messages call it
   * @throws UnreadableImageException when it is empty or none of these formats
   */
  static PictureFormat of(byte[] data, String name) {
    byte[] start = Arrays.copyOf(data, Math.min(data.length, LONGEST));
    String digits = HexFormat.of().formatHex(start);
    for (PictureFormat format : values()) {
      if (digits.matches(format.signature + ".*")) {
        return format;
      }
    }
    throw new UnreadableImageException(
        name + ": expected JPEG, PNG, GIF, BMP, WebP or TIFF, found " + describe(start, digits));
  }

  private static String describe(byte[] start, String digits) {
    if (start.length == 0) {
      return "no bytes";
    }
    String text = new String(start, StandardCharsets.US_ASCII);
    boolean printable = text.chars().allMatch(c -> c >= ' ' && c < 127 || c == '\n' || c == '\r');
    return printable ? "text \"" + text.strip() + "...\"" : "bytes " + digits + "...";
  }
}
