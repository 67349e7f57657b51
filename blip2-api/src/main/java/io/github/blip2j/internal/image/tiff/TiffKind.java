package io.github.blip2j.internal.image.tiff;

import io.github.blip2j.internal.image.raster.PackedRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How pixels are stored, as far as Pillow's table OPEN_INFO (TiffImagePlugin.py) knows it.
 *
 * @param family what the bands are
 * @param bands stored samples of a pixel
 * @param depth bits of a sample
 * @param row how a row is converted whose samples lie side by side
 */
record TiffKind(Family family, int bands, int depth, PackedRow row) {
  /** What the bands are. */
  enum Family {
    /** One level, or index, and what is behind it is passed over. */
    ONE,
    /** Red, green, blue; what is behind them is passed over. */
    RGB,
    /** Red, green, blue, each multiplied by alpha, and alpha. */
    PREMULTIPLIED,
    /** Inks. */
    CMYK,
    /** Lightness and two signed axes. */
    LAB,
    /** Luma and chroma. */
    YCBCR
  }

  private static final int MOST_SAMPLES = 6;

  /**
   * Finds the kind in a directory.
   *
   * @param tags the directory
   * @param planar whether each sample has strips of its own
   * @param packed whether libtiff has decompressed the samples and brought them to the machine's
   *     order; Pillow knows that of unsigned ones only, and takes others of big-endian files
   *     wrongly
   */
  static TiffKind of(TiffDirectory tags, boolean planar, boolean packed) throws IOException {
    List<Long> bits = values(tags, TiffTag.BITS, 1);
    List<Long> extra = values(tags, TiffTag.EXTRA_SAMPLES, -1);
    List<Long> formats = values(tags, TiffTag.SAMPLE_FORMAT, 1);
    long photometric = tags.value(TiffTag.PHOTOMETRIC, 0);
    long samples = tags.value(TiffTag.SAMPLES, 1);
    if (planar && !extra.isEmpty() && extra.stream().allMatch(value -> value == 0)) {
      bits = bits.subList(0, Math.max(0, bits.size() - extra.size()));
      samples -= extra.size();
      extra = List.of();
    }
    if (samples > MOST_SAMPLES || samples < 1) {
      throw new IOException(samples + " samples a pixel");
    }
    if (bits.size() > samples) {
      bits = bits.subList(0, (int) samples);
    }
    while (bits.size() < samples && bits.stream().distinct().count() == 1 && sole(tags)) {
      bits = new ArrayList<>(bits);
      bits.add(bits.get(0));
    }
    boolean equal = formats.stream().distinct().count() == 1;
    long format = equal ? formats.get(0) : -1;
    if (bits.size() != samples || bits.stream().distinct().count() != 1) {
      throw new IOException("samples of " + bits + " bits");
    }
    if (planar && !packed && samples == 1 && bits.get(0) <= 8) {
      photometric = photometric == 0 ? 1 : photometric; // Pillow's names for planes say no more
      bits = List.of(bits.get(0) == 1 ? 1L : 8L);
    }
    String key = photometric + (" " + format + " ") + bits.get(0) + ("x" + samples + " " + extra);
    boolean big = tags.bigEndian() && !(planar && !packed && bits.get(0) == 32);
    return of(key, tags, packed, big);
  }

  private static boolean sole(TiffDirectory tags) {
    return tags.count(TiffTag.BITS) <= 1;
  }

  private static List<Long> values(TiffDirectory tags, int tag, long otherwise) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < Math.min(64, tags.count(tag)); i++) {
      values.add(tags.value(tag, i, -1));
    }
    if (values.isEmpty() && otherwise >= 0) {
      values.add(otherwise);
    }
    return values;
  }

  private static TiffKind of(String key, TiffDirectory tags, boolean packed, boolean big)
      throws IOException {
    boolean turned = tags.value(TiffTag.FILL_ORDER, 1) == 2;
    if (tags.value(TiffTag.FILL_ORDER, 1) > 2
        || turned && !key.matches(TURNED) && (big || !key.equals("1 1 16x1 []"))) {
      throw new IOException("fill order of " + key);
    }
    int high = big && !packed ? 0 : 1;
    if (turned && key.equals("0 1 8x1 []") && !packed) {
      throw new IOException("turned bits of inverted levels");
    }
    int depth = Integer.parseInt(key.replaceAll("\\S+ \\S+ (-?\\d+)x.*", "$1"));
    return switch (key) {
      case "0 1 1x1 []", "0 1 2x1 []", "0 1 4x1 []", "0 1 8x1 []" ->
          one(depth, PackedRow.palette(inverted(depth), depth));
      case "1 1 1x1 []", "1 1 2x1 []", "1 1 4x1 []", "1 1 8x1 []", "1 2 8x1 []", "6 1 8x1 []" ->
          one(depth, PackedRow.palette(PackedRow.ramp(depth), depth));
      case "3 1 1x1 []", "3 1 2x1 []", "3 1 4x1 []", "3 1 8x1 []" ->
          one(depth, PackedRow.palette(palette(tags), depth));
      case "3 1 8x2 [0]", "3 1 8x2 [2]" ->
          new TiffKind(Family.ONE, 2, 8, WideRows.indexAndMore(palette(tags)));
      case "1 1 8x2 [2]" -> new TiffKind(Family.ONE, 2, 8, PackedRow.gray(2, 0));
      case "1 1 12x1 []" -> little(big, 12, WideRows.twelve());
      case "0 1 16x1 []" -> little(big, 16, PackedRow.clipped16(false));
      case "1 1 16x1 []" -> one(16, PackedRow.clipped16(high == 0));
      case "1 2 16x1 []" -> one(16, WideRows.signed16(big));
      case "1 1 32x1 []" -> little(big, 32, WideRows.signed32(false));
      case "1 2 32x1 []" -> one(32, WideRows.signed32(big));
      case "0 3 32x1 []", "1 3 32x1 []" -> one(32, WideRows.floats(big));
      default -> colours(key, high);
    };
  }

  private static TiffKind colours(String key, int high) throws IOException {
    return switch (key) {
      case "2 1 8x3 []" -> rgb(3, 8, PackedRow.rgb(3, 0, 1, 2));
      case "2 1 8x4 []", "2 1 8x4 [0]", "2 1 8x4 [2]", "2 1 8x4 [999]" ->
          rgb(4, 8, PackedRow.rgb(4, 0, 1, 2));
      case "2 1 8x5 [0, 0]", "2 1 8x5 [2, 0]" -> rgb(5, 8, PackedRow.rgb(5, 0, 1, 2));
      case "2 1 8x6 [0, 0, 0]", "2 1 8x6 [2, 0, 0]" -> rgb(6, 8, PackedRow.rgb(6, 0, 1, 2));
      case "2 1 16x3 []" -> rgb(3, 16, PackedRow.rgb(6, high, 2 + high, 4 + high));
      case "2 1 16x4 []", "2 1 16x4 [0]", "2 1 16x4 [2]" ->
          rgb(4, 16, PackedRow.rgb(8, high, 2 + high, 4 + high));
      case "2 1 8x4 [1]", "2 1 8x5 [1, 0]", "2 1 8x6 [1, 0, 0]" -> {
        int bands = key.charAt(6) - '0';
        yield new TiffKind(Family.PREMULTIPLIED, bands, 8, WideRows.premultiplied(bands, 1, 0));
      }
      case "2 1 16x4 [1]" ->
          new TiffKind(Family.PREMULTIPLIED, 4, 16, WideRows.premultiplied(8, 2, high));
      case "5 1 8x4 []", "5 1 8x5 [0]", "5 1 8x6 [0, 0]" -> {
        int bands = key.charAt(6) - '0';
        yield new TiffKind(Family.CMYK, bands, 8, WideRows.cmyk(bands, 1, 0));
      }
      case "5 1 16x4 []" -> new TiffKind(Family.CMYK, 4, 16, WideRows.cmyk(8, 2, high));
      case "6 1 8x3 []" -> new TiffKind(Family.YCBCR, 3, 8, PackedRow.rgb(4, 0, 1, 2));
      case "8 1 8x3 []" -> new TiffKind(Family.LAB, 3, 8, WideRows.lab());
      default -> throw new IOException("pixels of the kind " + key);
    };
  }

  /** Kinds that may have their bits turned within each byte. */
  private static final String TURNED = "[013] 1 [1248]x1 \\[\\]|2 1 8x3 \\[\\]";

  private static TiffKind one(int depth, PackedRow row) {
    return new TiffKind(Family.ONE, 1, depth, row);
  }

  private static TiffKind little(boolean big, int depth, PackedRow row) throws IOException {
    if (big) {
      throw new IOException("big-endian samples of " + depth + " bits");
    }
    return one(depth, row);
  }

  private static TiffKind rgb(int bands, int depth, PackedRow row) {
    return new TiffKind(Family.RGB, bands, depth, row);
  }

  private static int[] inverted(int depth) {
    int[] colors = PackedRow.ramp(depth);
    for (int i = 0; i < colors.length; i++) {
      colors[i] ^= 0xffffff;
    }
    return colors;
  }

  /** The high bytes of three ramps behind each other. Colours of 8 bits are black, as in Pillow. */
  private static int[] palette(TiffDirectory tags) throws IOException {
    long values = tags.count(TiffTag.COLOR_MAP);
    int count = (int) Math.min(values / 3, 257);
    if (count > 256 || values == 0) {
      throw new IOException("a palette of " + values / 3 + " colours");
    }
    int[] colors = new int[256];
    for (int i = 0; i < count; i++) {
      for (int band = 0; band < 3; band++) {
        long value = tags.value(TiffTag.COLOR_MAP, (long) band * count + i, 0);
        colors[i] = colors[i] << 8 | (int) (value / 256) & 0xff;
      }
    }
    return colors;
  }
}
