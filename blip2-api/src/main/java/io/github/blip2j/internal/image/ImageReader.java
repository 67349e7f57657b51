package io.github.blip2j.internal.image;

import io.github.blip2j.ImageOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.UnreadableImageException;
import io.github.blip2j.internal.image.bmp.BmpDecoder;
import io.github.blip2j.internal.image.gif.GifDecoder;
import io.github.blip2j.internal.image.jpeg.JpegFile;
import io.github.blip2j.internal.image.png.PngDecoder;
import io.github.blip2j.internal.image.webp.WebpFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageTypeSpecifier;

/**
 * Reads pictures as Pillow's {@code Image.open(f).convert("RGB")} does: alpha dropped, grey
 * replicated, no colour profile applied, the first frame of an animation on its screen.
 *
 * <p>Everything happens in memory: the file is closed before decoding begins, and no cache file is
 * written. Without state, safe for any number of threads.
 */
public final class ImageReader {
  /** Creates a reader. */
  public ImageReader() {}

  /**
   * Reads a picture.
   *
   * @param source where it is
   * @param options the largest size accepted, and whether EXIF orientation is applied
   * @return the picture at its own size, (height, width, 3)
   * @throws UnreadableImageException when it is missing, damaged, cut short, of another format than
   *     JPEG, PNG, GIF, BMP, WebP and TIFF, or has more than {@code options.maxPixels()} pixels,
   *     which is found out before decoding
   */
  public RgbImage read(ImageSource source, ImageOptions options) {
    Optional<BufferedImage> picture = source.picture();
    if (picture.isPresent()) {
      limit(source, options).check(picture.get().getWidth(), picture.get().getHeight());
      return RasterColors.of(picture.get());
    }
    byte[] data = bytes(source);
    PictureFormat format = PictureFormat.of(data, source.name());
    try {
      RgbImage image = decode(data, format, limit(source, options));
      boolean upright = options.applyExifOrientation() || format == PictureFormat.TIFF;
      return upright ? Orientation.of(data, format).apply(image) : image;
    } catch (UnreadableImageException e) {
      throw e;
    } catch (IOException | RuntimeException | StackOverflowError | InternalError e) {
      // Decoders report damage in every way there is: index out of bounds, negative array size, ...
      throw new UnreadableImageException(
          source.name() + ": expected a whole " + format + " picture, found damage: " + e, e);
    }
  }

  private static byte[] bytes(ImageSource source) {
    try (InputStream stream = source.open()) {
      byte[] data = stream.readNBytes(ImageSource.MAX_BYTES + 1);
      if (data.length > ImageSource.MAX_BYTES) {
        throw new UnreadableImageException(
            source.name() + ": expected at most " + ImageSource.MAX_BYTES + " bytes, found more");
      }
      return data;
    } catch (IOException e) {
      throw new UnreadableImageException(
          source.name() + ": expected a readable picture, found " + e, e);
    }
  }

  private static PixelLimit limit(ImageSource source, ImageOptions options) {
    return new PixelLimit(source.name(), options.maxPixels());
  }

  private static RgbImage decode(byte[] data, PictureFormat format, PixelLimit limit)
      throws IOException {
    return switch (format) {
      case PNG -> PngDecoder.read(data, limit);
      case GIF -> GifDecoder.read(data, limit);
      case BMP -> BmpDecoder.read(data, limit);
      case WEBP -> webp(data, limit);
      case JPEG -> jpeg(data, limit);
      case TIFF -> plugin(data, format, limit);
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

  private static RgbImage plugin(byte[] data, PictureFormat format, PixelLimit limit)
      throws IOException {
    javax.imageio.ImageReader decoder = PictureDecoders.open(format);
    try (BytesInput input = new BytesInput(data)) {
      decoder.setInput(input, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
      limit.check(decoder.getWidth(0), decoder.getHeight(0));
      return RasterColors.of(decoder.read(0, withoutProfile(decoder)));
    } finally {
      decoder.dispose();
    }
  }

  /** The type the file is stored in, so that the decoder has no reason to convert colours. */
  private static ImageReadParam withoutProfile(javax.imageio.ImageReader decoder)
      throws IOException {
    ImageReadParam param = decoder.getDefaultReadParam();
    ImageTypeSpecifier stored = decoder.getRawImageType(0);
    Iterator<ImageTypeSpecifier> offered = decoder.getImageTypes(0);
    while (stored != null && offered.hasNext()) {
      if (offered.next().equals(stored)) {
        param.setDestinationType(stored);
      }
    }
    return param;
  }
}
