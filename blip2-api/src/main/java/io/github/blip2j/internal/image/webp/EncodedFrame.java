package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A frame as it is stored.
 *
 * @param lossless whether {@code image} is VP8L, not VP8
 * @param width pixels in a row, 1 to 16384
 * @param height rows, 1 to 16384
 * @param image the image, with the byte that pads it to an even length, which libwebp reads too
 * @param alpha the contents of its ALPH chunk, without padding; null where there is none
 */
record EncodedFrame(boolean lossless, int width, int height, Span image, @Nullable Span alpha) {
  private static final int VP8_HEADER = 10;
  private static final int VP8L_HEADER = 5;
  private static final int VP8L_SIGNATURE = 0x2f;

  /** Reads the header of a VP8L image (RFC 9649, section 3.4), whose alpha is its own. */
  static EncodedFrame lossless(Span image) throws IOException {
    if (image.length() < VP8L_HEADER || image.u8(0) != VP8L_SIGNATURE) {
      throw new IOException("VP8L image: expected a header that begins with 2f, found none");
    }
    long bits = image.u32(1);
    int version = (int) (bits >> 29);
    if (version != 0) {
      throw new IOException("VP8L image: expected version 0, found " + version);
    }
    int width = 1 + (int) (bits & 0x3fff);
    int height = 1 + (int) (bits >> 14 & 0x3fff);
    return new EncodedFrame(true, width, height, image, null);
  }

  /**
   * Reads the header of a VP8 image (RFC 6386, section 9.1).
   *
   * @param size bytes of the image without padding
   */
  static EncodedFrame lossy(Span image, int size, @Nullable Span alpha) throws IOException {
    if (image.length() < VP8_HEADER || image.u24(3) != 0x2a019d) {
      throw new IOException("VP8 image: expected a header with the code 9d012a, found none");
    }
    int bits = image.u24(0);
    boolean keyFrame = (bits & 1) == 0;
    int profile = bits >> 1 & 7;
    boolean shown = (bits >> 4 & 1) == 1;
    if (!keyFrame || profile > 3 || !shown) {
      throw new IOException(
          "VP8 image: expected a shown key frame of profile 0 to 3, found tag " + bits);
    }
    int width = image.u16(6) & 0x3fff;
    int height = image.u16(8) & 0x3fff;
    if (width == 0 || height == 0 || bits >> 5 >= size) {
      throw new IOException(
          "VP8 image: expected a size and a first partition inside the chunk, found "
              + (width + "x" + height + ", " + (bits >> 5) + " of " + size + " bytes"));
    }
    return new EncodedFrame(false, width, height, image, alpha);
  }
}
