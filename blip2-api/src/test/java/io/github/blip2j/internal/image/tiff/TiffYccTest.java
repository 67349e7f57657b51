package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.raster.PixelLimit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Luma with shared chroma (TIFF 6.0, section 21): every pixel takes that of its own unit. */
class TiffYccTest {
  private static final PixelLimit LIMIT = new PixelLimit("test.tif", 1 << 16);
  private static final int WIDTH = 11;
  private static final int HEIGHT = 10;
  private static final int STRIP = 8; // rows
  private static final int YCBCR = 6;

  private final SplittableRandom random = new SplittableRandom(21);
  private final int[][] luma = new int[16][16];
  private final int[][] blue = new int[16][16]; // by unit
  private final int[][] red = new int[16][16];

  TiffYccTest() {
    for (int y = 0; y < 16; y++) {
      for (int x = 0; x < 16; x++) {
        luma[y][x] = random.nextInt(256);
        blue[y][x] = random.nextInt(256);
        red[y][x] = random.nextInt(256);
      }
    }
  }

  /** Units of across x down lumas and two chromas, row by row of units. */
  private byte[] strip(int top, int rows, int across, int down) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int y = top; y < top + rows; y += down) {
      for (int x = 0; x < WIDTH; x += across) {
        for (int i = 0; i < across * down; i++) {
          out.write(luma[y + i / across][x + i % across]);
        }
        out.write(blue[y / down][x / across]);
        out.write(red[y / down][x / across]);
      }
    }
    return out.toByteArray();
  }

  private static TiffTags tags(Packed packed, int[] sampling, long[] offsets, long[] counts) {
    TiffTags tags = TiffTags.littleEndian();
    tags.with(TiffTag.WIDTH, TiffTags.SHORT, WIDTH).with(TiffTag.HEIGHT, TiffTags.SHORT, HEIGHT);
    tags.with(TiffTag.BITS, TiffTags.SHORT, 8, 8, 8);
    tags.with(TiffTag.COMPRESSION, TiffTags.SHORT, packed.compression());
    tags.with(TiffTag.PHOTOMETRIC, TiffTags.SHORT, YCBCR);
    tags.with(TiffTag.SAMPLES, TiffTags.SHORT, 3);
    tags.with(TiffTag.ROWS_PER_STRIP, TiffTags.SHORT, STRIP);
    tags.with(TiffTag.STRIP_OFFSETS, TiffTags.LONG, offsets);
    tags.with(TiffTag.STRIP_BYTES, TiffTags.LONG, counts);
    return tags.with(TiffTag.SUBSAMPLING, TiffTags.SHORT, sampling[0], sampling[1]);
  }

  private static byte[] file(Packed packed, int[] sampling, List<byte[]> strips) {
    long[] counts = strips.stream().mapToLong(s -> s.length).toArray();
    long[] offsets = new long[counts.length];
    long at = tags(packed, sampling, offsets, counts).toBytes().length;
    for (int i = 0; i < counts.length; i++) {
      offsets[i] = at;
      at += counts[i];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(tags(packed, sampling, offsets, counts).toBytes());
    strips.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private List<byte[]> strips(Packed packed, int across, int down) {
    List<byte[]> strips = new ArrayList<>();
    for (int top = 0; top < HEIGHT; top += STRIP) {
      strips.add(packed.of(strip(top, Math.min(STRIP, HEIGHT - top), across, down)));
    }
    return strips;
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,LZW",
    "2,1,LZW",
    "2,2,DEFLATE",
    "2,2,PACK_BITS",
    "4,1,LZW",
    "4,2,LZW",
    "1,2,DEFLATE",
    "2,4,LZW",
    "4,4,PACK_BITS"
  })
  void everyPixelHasTheColourOfItsUnit(int across, int down, Packed packed) throws IOException {
    int[] sampling = {across, down};
    byte[] rgb =
        TiffDecoder.read(file(packed, sampling, strips(packed, across, down)), LIMIT).rgb();
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        double cb = blue[y / down][x / across] - 128;
        double cr = red[y / down][x / across] - 128;
        double[] expected = {
          luma[y][x] + 1.402 * cr,
          luma[y][x] - 0.114 * 1.772 / 0.587 * cb - 0.299 * 1.402 / 0.587 * cr,
          luma[y][x] + 1.772 * cb
        };
        for (int i = 0; i < 3; i++) {
          double level = Math.max(0, Math.min(255, expected[i]));
          assertThat((double) (rgb[3 * (y * WIDTH + x) + i] & 0xff))
              .as("pixel %d, %d, colour %d", x, y, i)
              .isBetween(level - 1, level + 1);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"3,1", "1,3", "0,1", "8,1", "2,0"})
  void otherUnitsAreRefused(int across, int down) {
    int[] sampling = {across, down};
    byte[] file = file(Packed.LZW, sampling, strips(Packed.LZW, 1, 1));
    assertThatThrownBy(() -> TiffDecoder.read(file, LIMIT))
        .hasMessage("luma and chroma in parts of " + across + "x" + down);
  }

  @Test
  void stripsThatAreNotThereAreMissed() {
    int[] sampling = {2, 2};
    byte[] one = file(Packed.LZW, sampling, strips(Packed.LZW, 2, 2).subList(0, 1));
    assertThatThrownBy(() -> TiffDecoder.read(one, LIMIT)).isInstanceOf(IOException.class);
    List<byte[]> cut = strips(Packed.PACK_BITS, 2, 2);
    cut.set(1, new byte[] {5, 1, 2});
    assertThatThrownBy(() -> TiffDecoder.read(file(Packed.PACK_BITS, sampling, cut), LIMIT))
        .isInstanceOf(IOException.class);
  }
}
