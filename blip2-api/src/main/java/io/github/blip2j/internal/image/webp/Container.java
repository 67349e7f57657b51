package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the chunks of a file (RFC 9649, section 2) and accepts what libwebp's demuxer accepts.
 * Every chunk is looked at, and none is kept but the first frame and the metadata, so that time and
 * memory do not depend on how many there are. For one file, used once.
 */
final class Container {
  private static final int HEADER = 8; // of a chunk: type and length
  private static final long MAX_LENGTH = 0xffffffffL - HEADER - 1;
  private static final int ANIMATION = 0x02;
  private static final int XMP = 0x04;
  private static final int EXIF = 0x08;
  private static final int ALPHA = 0x10;
  private static final int ALL_FLAGS = 0x3e;

  private final byte[] data;
  private final int end; // of the RIFF chunk
  private final Span none;
  private int position = 12;
  private int flags;
  private int width;
  private int height;
  private int left;
  private int top;
  private boolean animationHeader;
  private @Nullable EncodedFrame frame;
  private Span exif;
  private Span xmp;

  private Container(byte[] data) throws IOException {
    this.data = data;
    none = new Span(data, 0, 0);
    exif = none;
    xmp = none;
    Span all = new Span(data, 0, data.length);
    long size = data.length < 20 ? 0 : all.u32(4);
    if (size < 12 || size > MAX_LENGTH || size + 8 > data.length) {
      throw new IOException("expected " + (size + 8) + " bytes, found " + data.length);
    }
    end = (int) size + 8;
  }

  /** Reads all chunks. */
  static WebpFile read(byte[] data) throws IOException {
    Container container = new Container(data);
    EncodedFrame found = container.chunks();
    return new WebpFile(
        new WebpFile.Place(container.width, container.height, container.left, container.top),
        found,
        container.exif,
        container.xmp);
  }

  private EncodedFrame chunks() throws IOException {
    Chunk first = chunk();
    if (first.type.equals("VP8X")) {
      extended(first);
    } else if (isImage(first.type)) {
      frame = frame();
    }
    EncodedFrame found = frame;
    if (found == null) {
      throw new IOException("expected an image, found none");
    }
    if (!first.type.equals("VP8X")) {
      width = found.width();
      height = found.height();
    }
    return found;
  }

  /** Section 2.7: a canvas, and any chunks. */
  private void extended(Chunk header) throws IOException {
    if (header.size != 10) {
      throw new IOException("VP8X: expected 10 bytes, found " + header.size);
    }
    flags = header.contents.u8(0);
    width = 1 + header.contents.u24(4);
    height = 1 + header.contents.u24(7);
    if ((flags & ~ALL_FLAGS) != 0 || (long) width * height > 0xffffffffL) {
      throw new IOException(
          "VP8X: expected known flags and a canvas below 2^32 pixels, found flags "
              + (flags + ", " + width + "x" + height));
    }
    position = header.next();
    do {
      Chunk chunk = chunk();
      switch (chunk.type) {
        case "VP8X" -> throw new IOException("expected one VP8X chunk, found two");
        case "ALPH", "VP8 ", "VP8L" -> stillImage();
        case "ANIM" -> animationHeader(chunk);
        case "ANMF" -> animationFrame(chunk);
        default -> metadata(chunk);
      }
    } while (position < end);
  }

  private void stillImage() throws IOException {
    if (frame != null || animationHeader || (flags & ANIMATION) != 0) {
      throw new IOException("expected one image or an animation, found more");
    }
    EncodedFrame found = frame();
    if (found == null || found.width() != width || found.height() != height) {
      throw new IOException("expected an image of " + width + "x" + height + ", found " + found);
    }
    frame = (flags & ALPHA) != 0 ? found : withoutAlpha(found);
  }

  private EncodedFrame withoutAlpha(EncodedFrame found) {
    return new EncodedFrame(found.lossless(), found.width(), found.height(), found.image(), null);
  }

  private void animationHeader(Chunk chunk) throws IOException {
    if (chunk.size < 6) {
      throw new IOException("ANIM: expected 6 bytes, found " + chunk.size);
    }
    animationHeader = true;
    position = chunk.next();
  }

  /** Section 2.7.1.2; the size that the chunk gives does not count, the image's does. */
  private void animationFrame(Chunk chunk) throws IOException {
    if (!animationHeader || chunk.size < 16) {
      throw new IOException("ANMF: expected an ANIM chunk and 16 bytes, found " + chunk.size);
    }
    int x = 2 * chunk.contents.u24(0);
    int y = 2 * chunk.contents.u24(3);
    position = chunk.contents.offset() + 16;
    EncodedFrame found = frame();
    if (position > chunk.next()) {
      throw new IOException("ANMF: expected an image inside the chunk, found a longer one");
    }
    if (found == null || (flags & ANIMATION) == 0) {
      return;
    }
    if ((long) x + found.width() > width || (long) y + found.height() > height) {
      throw new IOException(
          "ANMF: expected a frame inside "
              + (width + "x" + height + ", found " + found.width() + "x" + found.height())
              + (" at " + x + ", " + y));
    }
    if (frame == null) {
      frame = found;
      left = x;
      top = y;
    }
  }

  private void metadata(Chunk chunk) {
    if (chunk.type.equals("EXIF") && (flags & EXIF) != 0 && exif == none) {
      exif = chunk.contents.first(chunk.size);
    } else if (chunk.type.equals("XMP ") && (flags & XMP) != 0 && xmp == none) {
      xmp = chunk.contents.first(chunk.size);
    }
    position = chunk.next();
  }

  /** An image with its alpha in front; null where the next chunk is neither. */
  private @Nullable EncodedFrame frame() throws IOException {
    @Nullable Span alpha = null;
    @Nullable EncodedFrame found = null;
    while (position < end) {
      Chunk chunk = chunk();
      if (chunk.type.equals("ALPH") && alpha == null) {
        alpha = chunk.contents.first(chunk.size);
        if (found != null && (flags & (ALPHA | ANIMATION)) != 0) {
          throw new IOException("expected ALPH in front of its image, found it behind");
        }
      } else if (isImage(chunk.type) && found == null) {
        if (alpha != null && chunk.type.equals("VP8L")) {
          throw new IOException("expected VP8 behind ALPH, found VP8L");
        }
        found = EncodedFrame.of(chunk.type, chunk.contents, chunk.size, alpha);
      } else {
        break;
      }
      position = chunk.next();
    }
    if (alpha != null && found == null) {
      throw new IOException("expected an image behind ALPH, found none");
    }
    return found;
  }

  private static boolean isImage(String type) {
    return type.equals("VP8 ") || type.equals("VP8L");
  }

  /** The chunk at the position, which does not move. */
  private Chunk chunk() throws IOException {
    Span rest = new Span(data, position, end - position);
    if (rest.length() < HEADER) {
      throw new IOException("expected a chunk, found " + rest.length() + " bytes");
    }
    String type = new String(data, position, 4, StandardCharsets.ISO_8859_1);
    long size = rest.u32(4);
    long padded = size + (size & 1);
    if (padded > rest.length() - HEADER) {
      throw new IOException(
          type + ": expected " + padded + " bytes, found " + (rest.length() - HEADER));
    }
    return new Chunk(type, rest.from(HEADER).first((int) padded), (int) size);
  }

  /**
   * One chunk.
   *
   * @param type four characters
   * @param contents with padding
   * @param size bytes of the contents without padding
   */
  private record Chunk(String type, Span contents, int size) {
    int next() {
      return contents.end();
    }
  }
}
