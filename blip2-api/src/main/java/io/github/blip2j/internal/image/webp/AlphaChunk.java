package io.github.blip2j.internal.image.webp;

import java.io.IOException;

/**
 * Looks for damage in the alpha of a lossy image (RFC 9649, section 2.7.1.2). Its values are not
 * needed; its filters cannot fail. A file whose alpha is damaged is refused, as libwebp refuses it.
 */
final class AlphaChunk {
  private AlphaChunk() {}

  /** Checks a frame's alpha, if it has any. */
  static void check(EncodedFrame frame) throws IOException {
    Span alpha = frame.alpha();
    if (alpha == null) {
      return;
    }
    if (alpha.length() < 2) {
      throw new IOException("ALPH: expected 2 bytes or more, found " + alpha.length());
    }
    int header = alpha.u8(0);
    int method = header & 3;
    int preprocessing = header >> 4 & 3;
    int reserved = header >> 6;
    if (method > 1 || preprocessing > 1 || reserved != 0) {
      throw new IOException("ALPH: expected a method that is known, found header " + header);
    }
    Span data = alpha.from(1);
    if (method == 1) {
      LosslessDecoder.check(data, frame.width(), frame.height());
    } else if (data.length() < (long) frame.width() * frame.height()) {
      throw new IOException(
          "ALPH: expected a byte for each pixel of "
              + (frame.width() + "x" + frame.height() + ", found " + data.length()));
    }
  }
}
