package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** One image, cut, packed and ordered in every way that TIFF has for it: always the same pixels. */
class TiffLayoutTest {
  private static final PixelLimit LIMIT = new PixelLimit("test.tif", 1 << 16);
  private static final int WIDTH = 37;
  private static final int HEIGHT = 23;
  private static final int BANDS = 3;
  private static final int RGB = 2;
  private static final int DIFFERENCES = 2;

  /** How pixels are cut. */
  private enum Cut {
    STRIP(WIDTH, HEIGHT, false),
    STRIPS(WIDTH, 5, false),
    TILES(16, 16, false),
    STRIPS_OF_PLANES(WIDTH, 6, true),
    TILES_OF_PLANES(16, 32, true);

    private final int across;
    private final int down;
    private final boolean planar;

    Cut(int across, int down, boolean planar) {
      this.across = across;
      this.down = down;
      this.planar = planar;
    }

    boolean tiled() {
      return across != WIDTH;
    }
  }

  /**
   * How a file is written.
   *
   * @param depth of a sample, 8 or 16
   */
  private record Form(Cut cut, Packed packed, int depth, boolean bigEndian, boolean predicted) {
    int unitBands() {
      return cut.planar ? 1 : BANDS;
    }
  }

  static Stream<Arguments> forms() {
    List<Arguments> forms = new ArrayList<>();
    for (Cut cut : Cut.values()) {
      for (Packed packed : Packed.values()) {
        for (boolean big : new boolean[] {false, true}) {
          boolean predicts = packed == Packed.LZW || packed == Packed.DEFLATE;
          forms.add(Arguments.of(new Form(cut, packed, 8, big, false)));
          forms.add(Arguments.of(new Form(cut, packed, 8, big, predicts)));
          if (packed != Packed.NONE || !cut.planar) {
            forms.add(Arguments.of(new Form(cut, packed, 16, big, false)));
            forms.add(Arguments.of(new Form(cut, packed, 16, big, predicts)));
          }
        }
      }
    }
    return forms.stream();
  }

  /** Samples of 16 bits, (HEIGHT, WIDTH, BANDS); of 8 bits the high bytes count. */
  private final int[] samples = new int[HEIGHT * WIDTH * BANDS];

  TiffLayoutTest() {
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < samples.length; i++) {
      samples[i] = i % 7 < 3 ? 0x4040 : random.nextInt(1 << 16);
    }
  }

  private int sample(int x, int y, int band) {
    boolean inside = x < WIDTH && y < HEIGHT; // what fills tiles up does not matter
    return inside ? samples[(y * WIDTH + x) * BANDS + band] : 0x7777;
  }

  private void row(ByteArrayOutputStream out, Form form, int[] place, int plane) {
    int bands = form.unitBands();
    int[] values = new int[form.cut.across * bands];
    for (int i = 0; i < values.length; i++) {
      int band = form.cut.planar ? plane : i % bands;
      values[i] = sample(place[0] + i / bands, place[1], band) >> 16 - form.depth;
    }
    for (int i = values.length - 1; form.predicted && i >= bands; i--) {
      values[i] -= values[i - bands];
    }
    for (int value : values) {
      if (form.depth == 16 && form.bigEndian) {
        out.write(value >> 8);
      }
      out.write(value);
      if (form.depth == 16 && !form.bigEndian) {
        out.write(value >> 8);
      }
    }
  }

  private List<byte[]> blocks(Form form) {
    List<byte[]> blocks = new ArrayList<>();
    for (int plane = 0; plane < (form.cut.planar ? BANDS : 1); plane++) {
      for (int top = 0; top < HEIGHT; top += form.cut.down) {
        int rows = form.cut.tiled() ? form.cut.down : Math.min(form.cut.down, HEIGHT - top);
        for (int left = 0; left < WIDTH; left += form.cut.across) {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          for (int y = 0; y < rows; y++) {
            row(out, form, new int[] {left, top + y}, plane);
          }
          blocks.add(form.packed.of(out.toByteArray()));
        }
      }
    }
    return blocks;
  }

  private static TiffTags tags(Form form, long[] offsets, long[] counts) {
    TiffTags tags = form.bigEndian ? TiffTags.bigEndian() : TiffTags.littleEndian();
    tags.with(TiffTag.WIDTH, TiffTags.SHORT, WIDTH).with(TiffTag.HEIGHT, TiffTags.LONG, HEIGHT);
    tags.with(TiffTag.BITS, TiffTags.SHORT, form.depth, form.depth, form.depth);
    tags.with(TiffTag.COMPRESSION, TiffTags.SHORT, form.packed.compression());
    tags.with(TiffTag.PHOTOMETRIC, TiffTags.SHORT, RGB);
    tags.with(TiffTag.SAMPLES, TiffTags.SHORT, BANDS);
    tags.with(TiffTag.PLANAR, TiffTags.SHORT, form.cut.planar ? 2 : 1);
    tags.with(TiffTag.PREDICTOR, TiffTags.SHORT, form.predicted ? DIFFERENCES : 1);
    if (form.cut.tiled()) {
      tags.with(TiffTag.TILE_WIDTH, TiffTags.SHORT, form.cut.across);
      tags.with(TiffTag.TILE_HEIGHT, TiffTags.SHORT, form.cut.down);
      tags.with(TiffTag.TILE_OFFSETS, TiffTags.LONG, offsets);
      return tags.with(TiffTag.TILE_BYTES, TiffTags.LONG, counts);
    }
    tags.with(TiffTag.ROWS_PER_STRIP, TiffTags.SHORT, form.cut.down);
    tags.with(TiffTag.STRIP_OFFSETS, TiffTags.LONG, offsets);
    return tags.with(TiffTag.STRIP_BYTES, TiffTags.LONG, counts);
  }

  private static byte[] file(Form form, List<byte[]> blocks) {
    long[] counts = blocks.stream().mapToLong(block -> block.length).toArray();
    long[] offsets = new long[counts.length];
    long at = tags(form, offsets, counts).toBytes().length;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = at;
      at += counts[i];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(tags(form, offsets, counts).toBytes());
    blocks.forEach(out::writeBytes);
    return out.toByteArray();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void pixelsAreTheSame(Form form) throws IOException {
    byte[] expected = new byte[samples.length];
    for (int i = 0; i < samples.length; i++) {
      expected[i] = (byte) (samples[i] >> 8);
    }
    RgbImage image = TiffDecoder.read(file(form, blocks(form)), LIMIT);
    assertThat(image.width() + "x" + image.height()).isEqualTo(WIDTH + "x" + HEIGHT);
    assertThat(image.rgb()).isEqualTo(expected);
  }

  /** Whatever is missing of it: said, and no index out of bounds. */
  @ParameterizedTest
  @CsvSource({"STRIPS,NONE", "TILES,PACK_BITS", "STRIPS,LZW", "TILES_OF_PLANES,DEFLATE"})
  void everyCutIsRefused(Cut cut, Packed packed) {
    Form form = new Form(cut, packed, 8, false, false);
    byte[] whole = file(form, blocks(form));
    int step = Math.max(1, whole.length / 300);
    for (int length = 8; length < whole.length; length += step) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> TiffDecoder.read(part, LIMIT))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void blocksThatAreNotThereAreMissed() {
    Form form = new Form(Cut.STRIPS, Packed.LZW, 8, false, false);
    List<byte[]> blocks = blocks(form);
    byte[] fewer = file(form, blocks.subList(1, blocks.size()));
    assertThatThrownBy(() -> TiffDecoder.read(fewer, LIMIT))
        .hasMessage("fewer strips or tiles than the image needs");
    blocks.set(1, new byte[] {1});
    byte[] small = file(form, blocks);
    assertThatThrownBy(() -> TiffDecoder.read(small, LIMIT)).isInstanceOf(IOException.class);
  }

  @Test
  void theLimitComesFirst() {
    Form form = new Form(Cut.STRIP, Packed.NONE, 8, false, false);
    byte[] file = file(form, blocks(form));
    PixelLimit small = new PixelLimit("test.tif", WIDTH * HEIGHT - 1);
    assertThatThrownBy(() -> TiffDecoder.read(file, small))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("37x23");
  }

  @Test
  void compressionsThatAreNotReadAreNamed() {
    byte[] file =
        TiffTags.littleEndian()
            .with(TiffTag.WIDTH, TiffTags.SHORT, 2)
            .with(TiffTag.HEIGHT, TiffTags.SHORT, 2)
            .with(TiffTag.COMPRESSION, TiffTags.SHORT, 34_712)
            .with(TiffTag.BITS, TiffTags.SHORT, 8)
            .with(TiffTag.PHOTOMETRIC, TiffTags.SHORT, 1)
            .with(TiffTag.STRIP_OFFSETS, TiffTags.SHORT, 0)
            .toBytes();
    assertThatThrownBy(() -> TiffDecoder.read(file, LIMIT)).hasMessage("compression 34712");
  }
}
