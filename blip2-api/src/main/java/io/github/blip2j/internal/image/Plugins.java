package io.github.blip2j.internal.image;

import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;

/**
 * Other formats, read by whatever ImageIO plug-ins the application has. The JDK's own readers are
 * passed over: what they read is read by decoders of ours, or is a format like WBMP that nearly any
 * file seems to be. Without state, safe for any number of threads.
 */
final class Plugins {
  private Plugins() {}

  /**
   * Reads an image.
   *
   * @param data the file
   * @param limit the largest size accepted, compared with what the plug-in says before it decodes
   * @return the image, empty when no plug-in knows its format
   * @throws IOException when the plug-in cannot read it
   */
  static Optional<RgbImage> read(byte[] data, PixelLimit limit) throws IOException {
    Iterator<ImageReader> readers = readers(data);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      try (BytesInput input = new BytesInput(data)) {
        if (!reader.getClass().getName().startsWith("com.sun.imageio.")) {
          reader.setInput(input, /* seekForwardOnly= */ true, /* ignoreMetadata= */ true);
          limit.check(reader.getWidth(0), reader.getHeight(0));
          BufferedImage image = reader.read(0, withoutProfile(reader));
          return Optional.of(RasterColors.of(image));
        }
      } finally {
        reader.dispose();
      }
    }
    return Optional.empty();
  }

  private static Iterator<ImageReader> readers(byte[] data) {
    BytesInput input = new BytesInput(data); // holds nothing that has to be closed
    return ImageIO.getImageReaders(input);
  }

  /** The type the file is stored in, so that the decoder has no reason to convert colours. */
  private static ImageReadParam withoutProfile(ImageReader decoder) throws IOException {
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
