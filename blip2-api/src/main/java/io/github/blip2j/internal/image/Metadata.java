package io.github.blip2j.internal.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The blocks of a file that may say how the image is turned.
 *
 * @param exif an EXIF block, with or without its prefix; empty when there is none
 * @param xmp an XMP packet; empty when there is none
 */
record Metadata(byte[] exif, byte[] xmp) {
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** Reads the segments in front of a JPEG's first scan. EXIF in several segments is joined. */
  static Metadata jpeg(byte[] data) {
    ByteArrayOutputStream exif = new ByteArrayOutputStream();
    byte[] xmp = {};
    int at = 2;
    while (at + 4 <= data.length) {
      int marker = data[at + 1] & 0xff;
      if (data[at] != (byte) 0xff || marker == 0xff || marker == 0) {
        at++; // bytes between segments are passed over
        continue;
      }
      if (marker == 0xda || marker == 0xd9) {
        break;
      }
      if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd8) {
        at += 2;
        continue;
      }
      int length = (data[at + 2] & 0xff) << 8 | data[at + 3] & 0xff;
      int from = at + 4;
      int to = Math.min(data.length, at + 2 + Math.max(2, length));
      if (marker == 0xe1 && starts(data, from, to, EXIF)) {
        int prefix = exif.size() == 0 ? 0 : EXIF.length();
        exif.write(data, from + prefix, to - from - prefix);
      } else if (marker == 0xe1 && starts(data, from, to, XMP)) {
        xmp = Arrays.copyOfRange(data, from + XMP.length(), to);
      }
      at = to;
    }
    return new Metadata(exif.toByteArray(), xmp);
  }

  private static boolean starts(byte[] data, int from, int to, String text) {
    byte[] expected = text.getBytes(StandardCharsets.ISO_8859_1);
    int end = Math.min(to, from + expected.length);
    return Arrays.equals(data, Math.min(from, end), end, expected, 0, expected.length);
  }
}
