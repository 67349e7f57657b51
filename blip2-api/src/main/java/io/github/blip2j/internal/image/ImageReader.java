package io.github.blip2j.internal.image;

import io.github.blip2j.ImageOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.UnreadableImageException;
import io.github.blip2j.internal.image.jpeg.JpegFile;
import io.github.blip2j.internal.image.webp.WebpFile;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Locale;
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
      Canvas size = Canvas.still(picture.get().getWidth(), picture.get().getHeight());
      checkSize(size, source, options);
      return RasterColors.of(picture.get());
    }
    byte[] data = bytes(source);
    PictureFormat format = PictureFormat.of(data, source.name());
    try {
      RgbImage image = decode(data, format, source, options);
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

  private static RgbImage decode(
      byte[] data, PictureFormat format, ImageSource source, ImageOptions options)
      throws IOException {
    if (format == PictureFormat.WEBP) {
      WebpFile file = WebpFile.of(data);
      checkSize(Canvas.still(file.width(), file.height()), source, options);
      return new RgbImage(file.width(), file.height(), file.decode());
    }
    if (format == PictureFormat.JPEG) {
      JpegFile file = JpegFile.of(data);
      checkSize(Canvas.still(file.width(), file.height()), source, options);
      return new RgbImage(file.width(), file.height(), file.rgb());
    }
    javax.imageio.ImageReader decoder = PictureDecoders.open(format);
    try (BytesInput input = new BytesInput(data)) {
      boolean ignoreMetadata = format != PictureFormat.GIF;
      decoder.setInput(input, /* seekForwardOnly= */ true, ignoreMetadata);
      Canvas canvas = Canvas.still(decoder.getWidth(0), decoder.getHeight(0));
      checkSize(canvas, source, options);
      canvas = canvas(data, format, decoder, canvas);
      checkSize(canvas, source, options);
      BufferedImage frame = decoder.read(0, withoutProfile(decoder));
      return canvas.place(RasterColors.of(frame), background(frame));
    } finally {
      decoder.dispose();
    }
  }

  private static Canvas canvas(
      byte[] data, PictureFormat format, javax.imageio.ImageReader decoder, Canvas frame)
      throws IOException {
    if (format == PictureFormat.GIF) {
      return Canvas.gif(data, decoder.getImageMetadata(0));
    }
    if (format == PictureFormat.PNG) {
      checkComplete(Chunks.png(data).complete(), data);
    }
    return frame;
  }

  /** Some decoders fill what is missing with grey or black; Pillow refuses, and so do we. */
  private static void checkComplete(boolean complete, byte[] data) throws IOException {
    if (!complete) {
      throw new IOException("cut short or damaged, " + data.length + " bytes");
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

  /**
   * What Pillow fills the screen around a first frame with: the transparent index, or the first.
   */
  private static int background(BufferedImage frame) {
    if (frame.getColorModel() instanceof IndexColorModel palette) {
      return palette.getRGB(Math.max(0, palette.getTransparentPixel()));
    }
    return 0;
  }

  private static void checkSize(Canvas size, ImageSource source, ImageOptions options) {
    if (size.pixels() > options.maxPixels()) {
      throw new UnreadableImageException(
          String.format(
              Locale.ROOT,
              "%s: expected at most %d pixels (maxPixels), found %d (%dx%d)",
              source.name(),
              options.maxPixels(),
              size.pixels(),
              size.width(),
              size.height()));
    }
  }
}
