package io.github.blip2j.internal.image.webp;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads the chunks of a file (RFC 9649, section 2) and accepts what libwebp's demuxer accepts.
 * Every chunk is looked at, and none is kept but the first frame and the metadata, so that time and
 * memory do not depend on how many there are. For one file, used once.
 */
final class Container {
  private static final int HEADER = 8; // of a chunk: type and length
  private static final int VP8 = 'V' | 'P' << 8 | '8' << 16 | ' ' << 24;
  private static final int VP8L = 'V' | 'P' << 8 | '8' << 16 | 'L' << 24;
  private static final int VP8X = 'V' | 'P' << 8 | '8' << 16 | 'X' << 24;
  private static final int ALPH = 'A' | 'L' << 8 | 'P' << 16 | 'H' << 24;
  private static final int ANIM = 'A' | 'N' << 8 | 'I' << 16 | 'M' << 24;
  private static final int ANMF = 'A' | 'N' << 8 | 'M' << 16 | 'F' << 24;
  private static final int EXIF = 'E' | 'X' << 8 | 'I' << 16 | 'F' << 24;
  private static final int XMP = 'X' | 'M' << 8 | 'P' << 16 | ' ' << 24;

  private static final long MAX_LENGTH = 0xffffffffL - HEADER - 1;
  private static final int ANIMATION_FLAG = 0x02;
  private static final int XMP_FLAG = 0x04;
  private static final int EXIF_FLAG = 0x08;
  private static final int ALPHA_FLAG = 0x10;
  private static final int ALL_FLAGS = 0x3e;

  private final Span file;
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
    file = new Span(data, 0, data.length);
    none = file.first(0);
    exif = none;
    xmp = none;
    long size = data.length < 20 ? 0 : file.u32(4);
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
    if (first.type == VP8X) {
      extended(first);
    } else if (isImage(first.type)) {
      frame = frame();
    }
    EncodedFrame found = frame;
    if (found == null) {
      throw new IOException("expected an image, found none");
    }
    if (first.type != VP8X) {
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
    flags = contents(header).u8(0);
    width = 1 + contents(header).u24(4);
    height = 1 + contents(header).u24(7);
    if ((flags & ~ALL_FLAGS) != 0 || (long) width * height > 0xffffffffL) {
      throw new IOException(
          "VP8X: expected known flags and a canvas below 2^32 pixels, found flags "
              + (flags + ", " + width + "x" + height));
    }
    position = header.next;
    do {
      Chunk chunk = chunk();
      switch (chunk.type) {
        case VP8X -> throw new IOException("expected one VP8X chunk, found two");
        case ALPH, VP8, VP8L -> stillImage();
        case ANIM -> animationHeader(chunk);
        case ANMF -> animationFrame(chunk);
        default -> metadata(chunk);
      }
    } while (position < end);
  }

  private void stillImage() throws IOException {
    if (frame != null || animationHeader || (flags & ANIMATION_FLAG) != 0) {
      throw new IOException("expected one image or an animation, found more");
    }
    EncodedFrame found = frame();
    if (found == null || found.width() != width || found.height() != height) {
      String size = found == null ? "none" : found.width() + "x" + found.height();
      throw new IOException("expected an image of " + width + "x" + height + ", found " + size);
    }
    frame = (flags & ALPHA_FLAG) != 0 ? found : withoutAlpha(found);
  }

  private static EncodedFrame withoutAlpha(EncodedFrame found) {
    return new EncodedFrame(found.lossless(), found.width(), found.height(), found.image(), null);
  }

  private void animationHeader(Chunk chunk) throws IOException {
    if (chunk.size < 6) {
      throw new IOException("ANIM: expected 6 bytes, found " + chunk.size);
    }
    animationHeader = true;
    position = chunk.next;
  }

  /** Section 2.7.1.2; the size that the chunk gives does not count, the image's does. */
  private void animationFrame(Chunk chunk) throws IOException {
    if (!animationHeader || chunk.size < 16) {
      throw new IOException("ANMF: expected an ANIM chunk and 16 bytes, found " + chunk.size);
    }
    int x = 2 * contents(chunk).u24(0);
    int y = 2 * contents(chunk).u24(3);
    position = chunk.offset + 16;
    EncodedFrame found = frame();
    if (position > chunk.next) {
      throw new IOException("ANMF: expected an image inside the chunk, found a longer one");
    }
    if (found == null || (flags & ANIMATION_FLAG) == 0) {
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
    if (chunk.type == EXIF && (flags & EXIF_FLAG) != 0 && exif == none) {
      exif = contents(chunk).first(chunk.size);
    } else if (chunk.type == XMP && (flags & XMP_FLAG) != 0 && xmp == none) {
      xmp = contents(chunk).first(chunk.size);
    }
    position = chunk.next;
  }

  /** An image with its alpha in front; null where the next chunk is neither. */
  private @Nullable EncodedFrame frame() throws IOException {
    @Nullable Span alpha = null;
    @Nullable EncodedFrame found = null;
    while (position < end) {
      Chunk chunk = chunk();
      if (chunk.type == ALPH && alpha == null) {
        alpha = contents(chunk).first(chunk.size);
        if (found != null && (flags & (ALPHA_FLAG | ANIMATION_FLAG)) != 0) {
          throw new IOException("expected ALPH in front of its image, found it behind");
        }
      } else if (isImage(chunk.type) && found == null) {
        if (alpha != null && chunk.type == VP8L) {
          throw new IOException("expected VP8 behind ALPH, found VP8L");
        }
        found = frame(chunk, alpha);
      } else {
        break;
      }
      position = chunk.next;
    }
    if (alpha != null && found == null) {
      throw new IOException("expected an image behind ALPH, found none");
    }
    return found;
  }

  private static boolean isImage(int type) {
    return type == VP8 || type == VP8L;
  }

  private EncodedFrame frame(Chunk chunk, @Nullable Span alpha) throws IOException {
    Span image = contents(chunk);
    return chunk.type == VP8L
        ? EncodedFrame.lossless(image)
        : EncodedFrame.lossy(image, chunk.size, alpha);
  }

  /** The chunk at the position, which does not move. */
  private Chunk chunk() throws IOException {
    int rest = end - position - HEADER;
    if (rest < 0) {
      throw new IOException("expected a chunk, found " + (rest + HEADER) + " bytes");
    }
    int type = file.i32(position);
    long size = file.u32(position + 4);
    long padded = size + (size & 1);
    if (padded > rest) {
      String name = String.format(Locale.ROOT, "chunk %08x", Integer.reverseBytes(type));
      throw new IOException(name + ": expected " + padded + " bytes, found " + rest);
    }
    int offset = position + HEADER;
    return new Chunk(type, offset, (int) size, offset + (int) padded);
  }

  private Span contents(Chunk chunk) {
    return new Span(file.data(), chunk.offset, chunk.next - chunk.offset);
  }

  /**
   * One chunk.
   *
   * @param type four characters, the first lowest
   * @param offset where its contents begin
   * @param size bytes of the contents without padding
   * @param next where they end with padding
   */
  private record Chunk(int type, int offset, int size, int next) {}
}
