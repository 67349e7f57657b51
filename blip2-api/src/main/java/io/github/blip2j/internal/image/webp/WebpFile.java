package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Function;

/**
 * A WebP file whose container has been read and whose image has not been decoded yet. Without
 * mutable state; keeps the file's bytes.
 */
public final class WebpFile {
  private final Place place;
  private final EncodedFrame frame;
  private final Span exif;
  private final Span xmp;

  WebpFile(Place place, EncodedFrame frame, Span exif, Span xmp) {
    this.place = place;
    this.frame = frame;
    this.exif = exif;
    this.xmp = xmp;
  }

  /**
   * Reads the container. Takes time for each chunk, and memory for none.
   *
   * @param data the whole file, which must not be changed any more
   * @throws IOException when it is no WebP, is cut short, or its chunks contradict each other
   */
  public static WebpFile of(byte[] data) throws IOException {
    return Container.read(data);
  }

  /** Width of the canvas, in pixels. */
  public int width() {
    return place.width;
  }

  /** Height of the canvas, in pixels. */
  public int height() {
    return place.height;
  }

  /**
   * The contents of a file's EXIF chunk; empty where there is none, or where this is no whole WebP
   * file.
   */
  public static byte[] exif(byte[] data) {
    return metadata(data, file -> file.exif);
  }

  /**
   * The contents of a file's XMP chunk; empty where there is none, or where this is no whole WebP
   * file.
   */
  public static byte[] xmp(byte[] data) {
    return metadata(data, file -> file.xmp);
  }

  private static byte[] metadata(byte[] data, Function<WebpFile, Span> kind) {
    try {
      Span span = kind.apply(of(data));
      return Arrays.copyOfRange(span.data(), span.offset(), span.end());
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /**
   * Decodes the image, or the first frame of an animation, on a black canvas. Alpha is checked and
   * dropped; what lies under transparent pixels is kept as it is stored.
   *
   * @return (height, width, 3), red, green, blue
   * @throws IOException when the image is damaged or cut short
   */
  public byte[] decode() throws IOException {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(place.width, place.height))];
    int stride = 3 * place.width;
    FrameTarget target = new FrameTarget(rgb, place.top * stride + 3 * place.left, stride);
    if (frame.lossless()) {
      LosslessDecoder.image(frame, target);
    } else {
      AlphaChunk.check(frame);
      new LossyDecoder(frame, target).decode();
    }
    return rgb;
  }

  /** Where the first frame lies on its canvas, in pixels. */
  record Place(int width, int height, int left, int top) {}
}
