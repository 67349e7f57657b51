package io.github.blip2j.internal.image;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a file is that no decoder here reads, and what its owner can do. Nothing of its contents is
 * repeated: it may be a password list that was named by mistake.
 */
final class OtherFormat {
  private static final int LOOKED_AT = 1024;
  private static final String CONVERT =
      ": convert it to JPEG or PNG, or add an ImageIO plug-in for it to the class path";
  private static final List<String> HEIC =
      List.of("heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1");

  private OtherFormat() {}

  /** A phrase for "expected …, found …". */
  static String describe(byte[] data) {
    String start =
        new String(data, 0, Math.min(data.length, LOOKED_AT), StandardCharsets.ISO_8859_1);
    if (data.length == 0) {
      return "no bytes";
    }
    if (start.startsWith("ftyp", 4)) {
      return container(start.substring(Math.min(8, start.length()), Math.min(12, start.length())));
    }
    if (start.startsWith("%PDF-")) {
      return "a PDF document: render its pages to images first, for example with Apache PDFBox";
    }
    if (start.startsWith("\u00ff\n") || start.startsWith("\0\0\0\fJXL ")) {
      return "a JPEG XL image" + CONVERT;
    }
    if (start.startsWith("\0\0\0\fjP  ") || start.startsWith("\u00ff\u004f\u00ff\u0051")) {
      return "a JPEG 2000 image" + CONVERT;
    }
    String known = known(start);
    return known.isEmpty() ? text(data, start) : known;
  }

  private static String container(String brand) {
    if (HEIC.contains(brand)) {
      return "a HEIC image" + CONVERT;
    }
    return brand.equals("avif") || brand.equals("avis") ? "an AVIF image" + CONVERT : "a video";
  }

  private static String known(String start) {
    for (String[] pair :
        new String[][] {
          {"8BPS", "a Photoshop document" + CONVERT},
          {"\0\0\1\0", "an icon" + CONVERT},
          {"PK\3\4", "a ZIP archive: unpack it first"},
          {"\u001f\u008b", "a gzip archive: unpack it first"},
          {"version https://git-lfs", "a Git LFS pointer: fetch the file itself with git lfs pull"}
        }) {
      if (start.startsWith(pair[0])) {
        return pair[1];
      }
    }
    return "";
  }

  private static String text(byte[] data, String start) {
    String lower = start.toLowerCase(Locale.ROOT).stripLeading();
    if (lower.startsWith("<svg") || lower.contains("<svg") && lower.startsWith("<")) {
      return "an SVG drawing: render it to an image first, for example with Apache Batik";
    }
    if (lower.startsWith("<!doctype html") || lower.startsWith("<html")) {
      return "an HTML page, perhaps of a download that failed";
    }
    byte[] first = Arrays.copyOf(data, Math.min(data.length, LOOKED_AT));
    boolean text = true;
    for (byte b : first) {
      text &= b >= ' ' || b == '\n' || b == '\r' || b == '\t' || b < 0;
    }
    return text ? "text" : "something else of " + data.length + " bytes";
  }
}
