package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.raster.RowStages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Decodes VP8L images (RFC 9649, section 3). For one image, used once. */
final class LosslessDecoder {
  private static final int HEADER_BITS = 40;
  private static final int MAX_CACHE_BITS = 11;

  /** Pixels that are handed on together, unless one row has more. */
  private static final int TOGETHER = 1 << 16;

  private static final int SLOTS = 4;

  private final BitReader in;
  private final int width;
  private final int height;
  private final List<RowTransform> transforms = new ArrayList<>();

  private LosslessDecoder(BitReader in, int width, int height) {
    this.in = in;
    this.width = width;
    this.height = height;
  }

  /** Decodes a frame; what was changed before its pixels were coded is undone in another thread. */
  static void image(EncodedFrame frame, FrameTarget target) throws IOException {
    BitReader in = new BitReader(frame.image());
    in.skip(HEADER_BITS);
    LosslessDecoder decoder = new LosslessDecoder(in, frame.width(), frame.height());
    int packed = decoder.transforms();
    int rows = Math.max(1, Math.min(frame.height(), TOGETHER / frame.width()));
    try (RowStages<PixelRows> stages =
        new RowStages<>(
            frame.height() > SLOTS * rows ? SLOTS : 1,
            () -> new PixelRows(frame.width(), rows),
            List.of(done -> done.write(decoder.transforms, target)))) {
      PixelRows[] current = {stages.next()};
      decoder.pixels(
          packed,
          (y, ring, start) -> {
            current[0].add(y, ring, start, packed);
            if (current[0].isFull() || y == frame.height() - 1) {
              stages.filled();
              current[0] = stages.next();
            }
          });
      stages.finish();
    }
  }

  /** Decodes an image without a header, and drops its pixels: whether there is damage. */
  static void check(Span data, int width, int height) throws IOException {
    LosslessDecoder decoder = new LosslessDecoder(new BitReader(data), width, height);
    decoder.pixels(decoder.transforms(), (y, ring, start) -> {});
  }

  /**
   * Section 3.5: reads the transforms.
   *
   * @return pixels in a row, fewer than the image's where a palette puts several into one
   */
  private int transforms() throws IOException {
    int packed = width;
    int seen = 0;
    while (in.read(1) == 1) {
      int type = in.read(2);
      if ((seen >> type & 1) == 1) {
        throw new IOException("VP8L: expected each transform once, found " + type + " twice");
      }
      seen |= 1 << type;
      switch (type) {
        case 0 -> {
          int bits = 2 + in.read(3);
          transforms.add(new PredictorTransform(blocks(packed, bits), bits, packed));
        }
        case 1 -> {
          int bits = 2 + in.read(3);
          transforms.add(new ColorTransform(blocks(packed, bits), bits, packed));
        }
        case 2 -> transforms.add(RowTransform.addGreen(packed));
        default -> {
          int colors = 1 + in.read(8);
          PaletteTransform palette = PaletteTransform.of(subImage(colors, 1), packed);
          transforms.add(palette);
          packed = RowTransform.blocks(packed, palette.bits());
        }
      }
    }
    return packed;
  }

  private int[] blocks(int packed, int bits) throws IOException {
    return subImage(RowTransform.blocks(packed, bits), RowTransform.blocks(height, bits));
  }

  /** An image that describes another one: no transforms, one group of codes. */
  private int[] subImage(int columns, int rows) throws IOException {
    int cacheBits = cacheBits();
    PrefixGroups groups = PrefixGroups.single(in, cacheSize(cacheBits));
    int[] pixels = new int[columns * rows];
    new PixelStream(
            in,
            columns,
            rows,
            groups,
            cacheBits,
            (y, ring, start) -> {
              for (int x = 0; x < columns; x++) {
                pixels[y * columns + x] = ring[start + x & ring.length - 1];
              }
            })
        .decode();
    return pixels;
  }

  /** The image itself. */
  private void pixels(int packed, PixelStream.Rows rows) throws IOException {
    int cacheBits = cacheBits();
    PrefixGroups groups = groups(packed, cacheSize(cacheBits));
    new PixelStream(in, packed, height, groups, cacheBits, rows).decode();
  }

  private PrefixGroups groups(int packed, int cacheSize) throws IOException {
    if (in.read(1) == 0) {
      return PrefixGroups.single(in, cacheSize);
    }
    int bits = 2 + in.read(3);
    int columns = RowTransform.blocks(packed, bits);
    return PrefixGroups.of(in, cacheSize, blocks(packed, bits), bits, columns);
  }

  private int cacheBits() throws IOException {
    if (in.read(1) == 0) {
      return 0;
    }
    int bits = in.read(4);
    if (bits < 1 || bits > MAX_CACHE_BITS) {
      throw new IOException("VP8L: expected a cache of 1 to 11 bits, found " + bits);
    }
    return bits;
  }

  private static int cacheSize(int bits) {
    return bits == 0 ? 0 : 1 << bits;
  }
}
