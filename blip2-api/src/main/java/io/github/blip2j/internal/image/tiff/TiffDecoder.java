package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.util.OptionalLong;

/** Reads a TIFF's first image, not turned yet. Without state. */
public final class TiffDecoder {
  static final int RUNS = 2;
  static final int GROUP3 = 3;
  static final int GROUP4 = 4;
  static final int LZW = 5;
  static final int JPEG = 7;
  static final int DEFLATE = 8;
  static final int PACK_BITS = 32773;
  static final int OLD_DEFLATE = 32946;

  private TiffDecoder() {}

  /**
   * Reads an image.
   *
   * @param data the file
   * @param limit the largest size accepted, compared before anything is decoded
   * @return the image as it is stored
   * @throws IOException when Pillow would not show it, or is of a compression that is not read here
   */
  public static RgbImage read(byte[] data, PixelLimit limit) throws IOException {
    TiffDirectory tags = TiffDirectory.first(data);
    long width = tags.value(TiffTag.WIDTH, 0);
    long height = tags.value(TiffTag.HEIGHT, 0);
    if (width < 1 || height < 1) {
      throw new IOException("no pixels");
    }
    limit.check(width, height);
    TiffLayout layout = TiffLayout.of(tags, (int) width, (int) height);
    int compression = (int) tags.value(TiffTag.COMPRESSION, 1);
    TiffKind kind = TiffKind.of(tags, layout.planar(), compression != 1);
    boolean ycc = kind.family() == TiffKind.Family.YCBCR;
    byte[] rgb =
        switch (compression) {
          case 1 -> new TiffRaw(data, tags, kind, layout).read();
          case JPEG -> new TiffJpeg(data, tags, kind, layout, limit).read();
          case RUNS, GROUP3, GROUP4, LZW, DEFLATE, PACK_BITS, OLD_DEFLATE ->
              ycc
                  ? new TiffYcc(data, tags, kind, layout).read()
                  : new TiffPacked(data, tags, kind, layout).read();
          default -> throw new IOException("compression " + compression);
        };
    return new RgbImage((int) width, (int) height, rgb);
  }

  /**
   * The orientation that a TIFF file or an EXIF block names.
   *
   * @param tiff a whole TIFF file, or an EXIF block without its prefix
   * @return the tag's value, {@link Long#MAX_VALUE} where it is no integer; nothing where there is
   *     none
   */
  public static OptionalLong orientation(byte[] tiff) {
    try {
      TiffDirectory directory = TiffDirectory.first(tiff);
      return directory.has(TiffDirectory.ORIENTATION)
          ? OptionalLong.of(directory.value(TiffDirectory.ORIENTATION, Long.MAX_VALUE))
          : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /** The XMP packet of a TIFF file; no bytes when there is none. */
  public static byte[] xmp(byte[] tiff) {
    try {
      return TiffDirectory.first(tiff).bytes(TiffDirectory.XMP);
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
