package io.github.blip2j.internal.image.webp;

import io.github.blip2j.internal.image.BitsOut;
import java.util.SplittableRandom;

/**
 * Codes images without loss, as RFC 9649, section 3, has an encoder do it, by codes of two lengths:
 * literals, copies and colours of the cache as chance wants it.
 */
final class LosslessWriter {
  private static final int LITERALS = 256;
  private static final int LENGTHS = 24;
  private static final int DISTANCES = 40;
  private static final int NEAR = 120; // distances with codes of their own
  private static final int HASH = 0x1e35a7bd;
  private static final int TRIES = 6;

  /** Section 3.6.2.2: columns to the left and rows up of the first of them. */
  private static final int[][] NEIGHBOURS = {
    {0, 1}, {1, 0}, {1, 1}, {-1, 1}, {0, 2}, {2, 0}, {1, 2}, {-1, 2}, {2, 1}, {-2, 1}, {2, 2},
    {-2, 2}, {0, 3}, {3, 0}, {1, 3}, {-1, 3}, {3, 1}, {-3, 1}, {2, 3}, {-2, 3}, {3, 2}, {-3, 2},
    {0, 4}, {4, 0}, {1, 4}, {-1, 4}, {4, 1}, {-4, 1}, {3, 3}, {-3, 3}
  };

  /** Section 3.7.2.1.2: the order of the lengths of the code of lengths. */
  private static final int[] ORDER = {
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
  };

  private final BitsOut out = BitsOut.lowestFirst();
  private final SplittableRandom random;

  LosslessWriter(SplittableRandom random) {
    this.random = random;
  }

  /** What stands in front of the image. */
  BitsOut out() {
    return out;
  }

  /**
   * A code in which some symbols have k - 1 bits and the others k.
   *
   * @param shortLast whether the short ones are the last
   */
  private record Code(int symbols, boolean shortLast) {
    int bits() {
      return Integer.SIZE - Integer.numberOfLeadingZeros(symbols - 1);
    }

    int shorts() {
      return (1 << bits()) - symbols;
    }

    boolean isShort(int symbol) {
      return shortLast ? symbol >= symbols - shorts() : symbol < shorts();
    }

    /** The canonical code. */
    String of(int symbol) {
      int place = 0; // among those of the same length
      int shorts = shorts();
      if (isShort(symbol)) {
        place = shortLast ? symbol - (symbols - shorts) : symbol;
      } else {
        place = 2 * shorts + (shortLast ? symbol : symbol - shorts);
      }
      int length = isShort(symbol) ? bits() - 1 : bits();
      return Integer.toBinaryString(1 << length | place).substring(1);
    }

    void write(BitsOut out) {
      out.bits(0, 1).bits(ORDER.length - 4, 4);
      for (int length : ORDER) {
        out.bits(length == bits() || length == bits() - 1 ? 1 : 0, 3);
      }
      out.bits(0, 1); // lengths of all symbols follow
      for (int symbol = 0; symbol < symbols; symbol++) {
        out.bits(isShort(symbol) ? 0 : 1, 1);
      }
    }
  }

  /** The five codes of a group. */
  private record Group(Code green, Code bytes, Code distance) {
    Group(int cacheSize, boolean shortLast) {
      this(
          new Code(LITERALS + LENGTHS + cacheSize, shortLast),
          new Code(LITERALS, shortLast),
          new Code(DISTANCES, shortLast));
    }

    void write(BitsOut out) {
      green.write(out);
      for (int i = 0; i < 3; i++) { // red, blue and alpha
        bytes.write(out);
      }
      distance.write(out);
    }
  }

  /** An image with one group of codes; {@code main} if it is not one that describes another. */
  LosslessWriter image(int[] pixels, int width, int cacheBits, boolean main) {
    cache(cacheBits);
    if (main) {
      out.bits(0, 1);
    }
    Group group = new Group(cacheBits == 0 ? 0 : 1 << cacheBits, false);
    group.write(out);
    new Pixels(pixels, width, cacheBits, at -> group).write();
    return this;
  }

  /** An image whose blocks of four by four take one of two groups of codes in turns. */
  LosslessWriter image(int[] pixels, int width, int cacheBits) {
    cache(cacheBits);
    out.bits(1, 1).bits(0, 3);
    int columns = width + 3 >> 2;
    int rows = pixels.length / width + 3 >> 2;
    int[] blocks = new int[columns * rows];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = (i / columns + i % columns) % 2 << 8;
    }
    image(blocks, columns, 0, false);
    int cacheSize = cacheBits == 0 ? 0 : 1 << cacheBits;
    Group[] groups = {new Group(cacheSize, false), new Group(cacheSize, true)};
    groups[0].write(out);
    groups[1].write(out);
    Pixels stream =
        new Pixels(
            pixels,
            width,
            cacheBits,
            at -> groups[blocks[(at / width >> 2) * columns + (at % width >> 2)] >> 8]);
    stream.write();
    return this;
  }

  private void cache(int bits) {
    out.bits(bits == 0 ? 0 : 1, 1);
    if (bits > 0) {
      out.bits(bits, 4);
    }
  }

  byte[] toBytes() {
    return out.toBytes();
  }

  private interface Codes {
    Group at(int pixel);
  }

  /** One image's pixels. */
  private final class Pixels {
    private final int[] pixels;
    private final int width;
    private final Codes codes;
    private final int[] cache;
    private final int cacheShift;

    Pixels(int[] pixels, int width, int cacheBits, Codes codes) {
      this.pixels = pixels;
      this.width = width;
      this.codes = codes;
      this.cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
      this.cacheShift = 32 - cacheBits;
    }

    void write() {
      for (int at = 0; at < pixels.length; ) {
        int length = random.nextInt(3) == 0 ? 0 : copy(at);
        if (length == 0) {
          literal(at);
          length = 1;
        }
        for (int i = 0; i < length && cache.length > 0; i++, at++) {
          cache[pixels[at] * HASH >>> cacheShift] = pixels[at];
        }
        at += cache.length > 0 ? 0 : length;
      }
    }

    private void literal(int at) {
      Group group = codes.at(at);
      int argb = pixels[at];
      int place = cache.length == 0 ? 0 : argb * HASH >>> cacheShift;
      if (cache.length > 0 && cache[place] == argb) {
        out.code(group.green().of(LITERALS + LENGTHS + place));
        return;
      }
      out.code(group.green().of(argb >> 8 & 0xff));
      for (int shift : new int[] {16, 0, 24}) {
        out.code(group.bytes().of(argb >>> shift & 0xff));
      }
    }

    /** Writes a copy if one is found; gives its pixels. */
    private int copy(int at) {
      for (int i = 0; i < TRIES && at > 0; i++) {
        int near = random.nextInt(NEIGHBOURS.length);
        int[] place = NEIGHBOURS[near];
        boolean isNear = random.nextBoolean();
        int neighbour = Math.max(1, place[0] + place[1] * width);
        int distance = isNear ? neighbour : 1 + random.nextInt(at);
        int length = distance > at ? 0 : alike(at, distance);
        if (length > 0) {
          Group group = codes.at(at);
          extended(group.green(), LITERALS, length);
          extended(group.distance(), 0, isNear ? near + 1 : NEAR + distance);
          return length;
        }
      }
      return 0;
    }

    private int alike(int at, int distance) {
      int most = Math.min(pixels.length - at, 1 + random.nextInt(300));
      int length = 0;
      while (length < most && pixels[at + length] == pixels[at + length - distance]) {
        length++;
      }
      return length;
    }

    /** A symbol for a range of numbers, and which of them it is. */
    private void extended(Code code, int first, int number) {
      int value = number - 1;
      if (value < 4) {
        out.code(code.of(first + value));
        return;
      }
      int high = 31 - Integer.numberOfLeadingZeros(value);
      int extra = high - 1;
      out.code(code.of(first + 2 * high + (value >> extra & 1)));
      out.bits(value & (1 << extra) - 1, extra);
    }
  }
}
