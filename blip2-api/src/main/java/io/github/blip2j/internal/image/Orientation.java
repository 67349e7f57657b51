package io.github.blip2j.internal.image;

import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import io.github.blip2j.internal.image.webp.WebpFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How a picture has to be turned to stand upright: EXIF tag 0x0112, as {@code
 * PIL.ImageOps.exif_transpose} reads it.
 *
 * @param tag 1 to 8; 1 is upright
 */
record Orientation(int tag) {
  private static final Orientation UPRIGHT = new Orientation(1);
  private static final byte[] PREFIX = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

  Orientation {
    if (tag < 1 || tag > 8) {
      throw new IllegalArgumentException("tag (" + tag + ") must be 1 to 8");
    }
  }

  /**
   * Finds the orientation in a file; upright when it has none, or an EXIF block that is damaged.
   */
  static Orientation of(byte[] data, PictureFormat format) {
    byte[] exif =
        switch (format) {
          case JPEG -> JpegHeader.of(data).exif();
          case PNG -> contents(data, Chunks.png(data), "eXIf");
          case WEBP -> WebpFile.exif(data);
          case TIFF -> data;
          case GIF, BMP -> new byte[0];
        };
    return exif.length == 0 ? UPRIGHT : read(exif);
  }

  private static byte[] contents(byte[] data, Chunks chunks, String type) {
    return chunks
        .first(type)
        .map(found -> Arrays.copyOfRange(data, found.offset(), found.offset() + found.length()))
        .orElseGet(() -> new byte[0]);
  }

  private static Orientation read(byte[] exif) {
    boolean prefixed =
        exif.length > PREFIX.length && Arrays.mismatch(exif, PREFIX) == PREFIX.length;
    byte[] tiff = prefixed ? Arrays.copyOfRange(exif, PREFIX.length, exif.length) : exif;
    try (BytesInput input = new BytesInput(tiff)) {
      Entry entry = new TIFFReader().read(input).getEntryById(TIFF.TAG_ORIENTATION);
      boolean known = entry != null && entry.getValue() instanceof Number;
      int tag = known ? ((Number) entry.getValue()).intValue() : 1;
      return tag >= 1 && tag <= 8 ? new Orientation(tag) : UPRIGHT;
    } catch (IOException | RuntimeException e) {
      return UPRIGHT; // a bad EXIF block does not make the picture unreadable, in Pillow neither
    }
  }

  /** The picture turned upright. */
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
