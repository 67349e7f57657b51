package io.github.blip2j.internal.image.png;

import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads a PNG's first image. Chunks in front of the image data are checked with their sums, as in
 * Pillow; those behind it only have to be whole, and the end chunk may be missing. Without state.
 */
public final class PngDecoder {
  private PngDecoder() {}

  /**
   * Reads an image.
   *
   * @param data the file, beginning with PNG's signature
   * @param limit the largest size accepted, compared before anything is decoded
   * @return the image, alpha dropped
   * @throws IOException when Pillow would not show it
   */
  public static RgbImage read(byte[] data, PixelLimit limit) throws IOException {
    PngHeader header = new PngHeader(data);
    PngChunk first = toImageData(data, header, limit);
    if (header.mode() == PngHeader.Mode.NONE || header.width() == 0 || header.height() == 0) {
      throw new IOException("no header with a known kind of pixels");
    }
    header.checkPalette();
    PngRows rows = new PngRows(header);
    long number = header.sequence();
    if (rows.needed() > PngData.atMost(data)) {
      // Most of the image is missing: see whether Pillow would show the rest before making room.
      try (PngData blocks = new PngData(data, header, first)) {
        rows.read(blocks, /* dry= */ true);
      }
      header.restart(number);
    }
    try (PngData blocks = new PngData(data, header, first)) {
      RgbImage image = rows.read(blocks, /* dry= */ false);
      checkRest(data, header, blocks);
      return image;
    }
  }

  /** The EXIF block of an image that could be read, with or without its prefix; or no bytes. */
  public static byte[] exif(byte[] data) {
    return PngMetadata.of(data).exif();
  }

  /** The XMP packet of an image that could be read; no bytes when there is none. */
  public static byte[] xmp(byte[] data) {
    return PngMetadata.of(data).xmp();
  }

  /** Walks to the first chunk of image data. */
  private static PngChunk toImageData(byte[] data, PngHeader header, PixelLimit limit)
      throws IOException {
    long at = 8;
    while (true) {
      PngChunk chunk = PngChunk.read(data, at).orElseThrow(() -> new IOException("cut short"));
      switch (chunk.type()) {
        case "IDAT" -> {
          return chunk;
        }
        case "fdAT" -> {
          header.frameData(chunk);
          return chunk;
        }
        case "IEND" -> throw new IOException("no image data");
        default -> header.read(chunk);
      }
      limit.check(header.width() & 0xffffffffL, header.height() & 0xffffffffL);
      chunk.checkSum(data);
      at = chunk.end();
    }
  }

  /** What Pillow refuses behind the image data: a chunk that is cut short or malformed. */
  private static void checkRest(byte[] data, PngHeader header, PngData blocks) throws IOException {
    long at = blocks.end();
    while (true) {
      Optional<PngChunk> next;
      try {
        next = PngChunk.read(data, at);
      } catch (IOException e) {
        return; // what is no chunk ends the file, as if it were not there
      }
      if (next.isEmpty()) {
        return;
      }
      PngChunk chunk = next.get();
      switch (chunk.type()) {
        case "IEND" -> {
          return;
        }
        case "IDAT" -> chunk.require(data, 0);
        case "fdAT" -> header.frameData(chunk.require(data, 0));
        case "fcTL" -> {
          if (header.animated()) {
            return;
          }
          header.read(chunk);
        }
        default -> header.read(chunk);
      }
      at = chunk.end();
    }
  }
}
