package io.github.blip2j.image;

import io.github.blip2j.core.UnreadableImageException;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** What a {@code data:} URI holds (RFC 2397): {@code data:[media type][;base64],data}. */
final class DataUri {
  private DataUri() {}

  /**
   * The bytes.
   *
   * @throws UnreadableImageException if it is malformed or too long
   */
  static byte[] bytes(URI uri) {
    String text = uri.getRawSchemeSpecificPart();
    int comma = text.indexOf(',');
    if (comma < 0) {
      throw new UnreadableImageException("data: URI: expected a comma before the data, found none");
    }
    byte[] data = unescaped(text.substring(comma + 1));
    byte[] bytes = isBase64(text.substring(0, comma)) ? decoded(data) : data;
    if (bytes.length > ImageSource.MAX_BYTES) {
      throw new UnreadableImageException(
          "data: URI: expected at most " + ImageSource.MAX_BYTES + " bytes, found " + bytes.length);
    }
    return bytes;
  }

  private static boolean isBase64(String head) {
    String mark = ";base64";
    int from = head.length() - mark.length();
    return head.regionMatches(true, from, mark, 0, mark.length());
  }

  private static byte[] decoded(byte[] base64) {
    try {
      return Base64.getDecoder().decode(unbroken(base64));
    } catch (IllegalArgumentException e) {
      throw new UnreadableImageException("data: URI: expected base64: " + e.getMessage(), e);
    }
  }

  /** Without white space, as browsers read it: {@code %0A} comes of base64 that was in lines. */
  private static byte[] unbroken(byte[] base64) {
    byte[] kept = new byte[base64.length];
    int length = 0;
    for (byte b : base64) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        kept[length++] = b;
      }
    }
    return length == kept.length ? base64 : Arrays.copyOf(kept, length);
  }

  /** {@code %41} is one byte; a URI has no percent sign without two digits. */
  private static byte[] unescaped(String text) {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    if (text.indexOf('%') < 0) {
      return raw; // as base64 is, which is long
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '%') {
        bytes.write(Character.digit(raw[i + 1], 16) << 4 | Character.digit(raw[i + 2], 16));
        i += 2;
      } else {
        bytes.write(raw[i]);
      }
    }
    return bytes.toByteArray();
  }
}
