package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.png.PngDecoder;
import io.github.blip2j.internal.image.raster.RgbImage;
import io.github.blip2j.internal.image.tiff.TiffDecoder;
import io.github.blip2j.internal.image.webp.WebpFile;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an image has to be turned to stand upright: EXIF tag 0x0112, or XMP's tiff:Orientation, as
 * {@code PIL.ImageOps.exif_transpose} reads them.
 *
 * @param tag 1 to 8; 1 is upright
 */
record Orientation(int tag) {
  private static final Orientation UPRIGHT = new Orientation(1);
  private static final Pattern IN_XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");
  private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

  Orientation {
    if (tag < 1 || tag > 8) {
      throw new IllegalArgumentException("tag (" + tag + ") must be 1 to 8");
    }
  }

  /**
   * Finds the orientation in a file: in its EXIF block, or else in its XMP packet. Upright when
   * neither says anything; a damaged block does not make the image unreadable.
   */
  static Orientation of(byte[] data, ImageFormat format) {
    Metadata found =
        switch (format) {
          case JPEG -> Metadata.jpeg(data);
          case PNG -> new Metadata(PngDecoder.exif(data), PngDecoder.xmp(data));
          case WEBP -> new Metadata(WebpFile.exif(data), WebpFile.xmp(data));
          case TIFF -> new Metadata(data, xmp(data));
          case GIF, BMP -> new Metadata(new byte[0], new byte[0]);
        };
    int tag = exif(found.exif());
    return tag > 0 ? of(tag) : xmp(new String(found.xmp(), StandardCharsets.ISO_8859_1));
  }

  private static Orientation of(int tag) {
    return tag >= 1 && tag <= 8 ? new Orientation(tag) : UPRIGHT;
  }

  private static byte[] xmp(byte[] tiff) {
    return TiffDecoder.xmp(tiff);
  }

  private static Orientation xmp(String packet) {
    Matcher matcher = IN_XMP.matcher(packet);
    return matcher.find() ? of(matcher.group(1).charAt(0) - '0') : UPRIGHT;
  }

  /** The tag's value; 0 when there is none, {@link Integer#MAX_VALUE} when it is no orientation. */
  private static int exif(byte[] exif) {
    int from = 0;
    while (exif.length - from >= PREFIX.length
        && Arrays.equals(exif, from, from + PREFIX.length, PREFIX, 0, PREFIX.length)) {
      from += PREFIX.length;
    }
    byte[] tiff = from == 0 ? exif : Arrays.copyOfRange(exif, from, exif.length);
    OptionalLong tag = TiffDecoder.orientation(tiff);
    if (tag.isEmpty()) {
      return 0;
    }
    boolean known = tag.getAsLong() >= 1 && tag.getAsLong() <= 8;
    return known ? (int) tag.getAsLong() : Integer.MAX_VALUE;
  }

  /** The image turned upright. */
  RgbImage apply(RgbImage image) {
    if (tag == 1) {
      return image;
    }
    boolean swap = tag >= 5;
    boolean mirrorX = tag == 2 || tag == 3 || tag == 7 || tag == 8;
    boolean mirrorY = tag == 3 || tag == 4 || tag == 6 || tag == 7;
    int width = swap ? image.height() : image.width();
    int height = swap ? image.width() : image.height();
    byte[] from = image.rgb();
    byte[] rgb = new byte[from.length];
    for (int y = 0, to = 0; y < height; y++) {
      for (int x = 0; x < width; x++, to += 3) {
        int column = swap ? y : x;
        int row = swap ? x : y;
        int sourceX = mirrorX ? image.width() - 1 - column : column;
        int sourceY = mirrorY ? image.height() - 1 - row : row;
        System.arraycopy(from, 3 * (sourceY * image.width() + sourceX), rgb, to, 3);
      }
    }
    return new RgbImage(width, height, rgb);
  }
}
