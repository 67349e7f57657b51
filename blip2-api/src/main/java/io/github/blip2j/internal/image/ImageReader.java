package io.github.blip2j.internal.image;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.jpeg.JpegFile;
import io.github.blip2j.internal.image.png.PngDecoder;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import io.github.blip2j.internal.image.tiff.TiffDecoder;
import io.github.blip2j.internal.image.webp.WebpFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedByInterruptException;
import java.util.Optional;

/**
 * Reads images as Pillow's {@code Image.open(f).convert("RGB")} does: alpha dropped, grey
 * replicated, no colour profile applied, the first frame of an animation on its screen.
 *
 * <p>Everything happens in memory: the file is closed before decoding begins, and no cache file is
 * written. Without state, safe for any number of threads.
 */
public final class ImageReader {
  /** Creates a reader. */
  public ImageReader() {}

  /**
   * Reads an image.
   *
   * @param source where it is
   * @param options the largest size accepted, and whether EXIF orientation is applied
   * @return the image at its own size, (height, width, 3)
   * @throws UnreadableImageException when it is missing, damaged, cut short, of another format than
   *     JPEG, PNG, GIF, BMP, WebP and TIFF for which ImageIO has no plug-in, needs more memory than
   *     there is, or has more than {@code options.maxPixels()} pixels, which is found out before
   *     decoding
   */
  public RgbImage read(ImageSource source, ImageOptions options) {
    PixelLimit limit = new PixelLimit(source.name(), options.maxPixels());
    try {
      Optional<BufferedImage> image = source.bufferedImage();
      if (image.isPresent()) {
        limit.check(image.get().getWidth(), image.get().getHeight());
        return decoded(image.get(), limit);
      }
      return read(bytes(source), limit, options.applyExifOrientation());
    } catch (OutOfMemoryError e) {
      throw new UnreadableImageException(
          source.name() + ": expected enough memory to decode the image, found too little", e);
    }
  }

  private static RgbImage decoded(BufferedImage image, PixelLimit limit) {
    try {
      return RasterColors.of(image);
    } catch (RuntimeException e) { // as rasters report samples that do not fit their colour model
      String reason = e instanceof IllegalArgumentException ? e.getMessage() : e.toString();
      throw new UnreadableImageException(
          limit.name() + ": expected an image whose samples can be read, found " + reason, e);
    }
  }

  private static RgbImage read(byte[] data, PixelLimit limit, boolean exif) {
    Optional<ImageFormat> format = ImageFormat.of(data);
    String name = format.map(Enum::name).orElse("plug-in's");
    try {
      if (format.isEmpty()) {
        return Plugins.read(data, limit).orElseThrow(() -> unknown(data, limit));
      }
      RgbImage image = decode(data, format.get(), limit);
      boolean upright = exif || format.get() == ImageFormat.TIFF;
      return upright ? Orientation.of(data, format.get()).apply(image) : image;
    } catch (UnreadableImageException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError | InternalError e) {
      // Plug-ins report damage in every way there is: index out of bounds, negative array size, ...
      String reason = e.getClass() == IOException.class ? e.getMessage() : e.toString();
      throw new UnreadableImageException(
          limit.name() + ": expected a whole " + name + " image, found damage: " + reason, e);
    }
  }

  private static UnreadableImageException unknown(byte[] data, PixelLimit limit) {
    return new UnreadableImageException(
        limit.name()
            + ": expected JPEG, PNG, GIF, BMP, WebP or TIFF, found "
            + OtherFormat.describe(data));
  }

  private static byte[] bytes(ImageSource source) {
    try (InputStream stream = source.open()) {
      byte[] data = stream.readNBytes(ImageSource.MAX_BYTES + 1);
      if (data.length > ImageSource.MAX_BYTES) {
        throw new UnreadableImageException(
            source.name() + ": expected at most " + ImageSource.MAX_BYTES + " bytes, found more");
      }
      return data;
    } catch (ClosedByInterruptException e) {
      throw new UnreadableImageException(
          source.name() + ": expected a readable image, found an interrupt of this thread", e);
    } catch (IOException e) {
      throw new UnreadableImageException(
          source.name() + ": expected a readable image, found " + e, e);
    }
  }

  private static RgbImage decode(byte[] data, ImageFormat format, PixelLimit limit)
      throws IOException {
    return switch (format) {
      case PNG -> PngDecoder.read(data, limit);
      case GIF -> GifDecoder.read(data, limit);
      case BMP -> BmpDecoder.read(data, limit);
      case WEBP -> webp(data, limit);
      case JPEG -> jpeg(data, limit);
      case TIFF -> TiffDecoder.read(data, limit);
    };
  }

  private static RgbImage jpeg(byte[] data, PixelLimit limit) throws IOException {
    JpegFile file = JpegFile.of(data);
    limit.check(file.width(), file.height());
    return new RgbImage(file.width(), file.height(), file.rgb());
  }

  private static RgbImage webp(byte[] data, PixelLimit limit) throws IOException {
    WebpFile file = WebpFile.of(data);
    limit.check(file.width(), file.height());
    return new RgbImage(file.width(), file.height(), file.decode());
  }
}
