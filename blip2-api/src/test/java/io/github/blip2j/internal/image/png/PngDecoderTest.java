package io.github.blip2j.internal.image.png;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.BitsOut;
import io.github.blip2j.internal.image.raster.PixelLimit;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images of every kind are filtered, packed and cut here, and come back. */
class PngDecoderTest {
  private static final PixelLimit LIMIT = new PixelLimit("test.png", 1 << 20);
  private static final int WIDTH = 29;
  private static final int HEIGHT = 21;
  private static final int INDEXED = 3;

  /** Section 8.2: first column and row of a pass, and the steps from there; then a plain image. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  private final SplittableRandom random = new SplittableRandom(15948);

  /**
   * An image's kind and samples.
   *
   * @param samples (HEIGHT, WIDTH, channels)
   */
  private record Image(int depth, int color, int[] samples) {
    static int channels(int color) {
      return color == 2 ? 3 : color == 4 ? 2 : color == 6 ? 4 : 1;
    }

    int channels() {
      return channels(color);
    }

    int sample(int x, int y, int channel) {
      return samples[(y * WIDTH + x) * channels() + channel];
    }
  }

  private Image image(int depth, int color) {
    int[] samples = new int[WIDTH * HEIGHT * Image.channels(color)];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = i % 5 == 0 ? (1 << depth) - 1 : random.nextInt(1 << depth);
    }
    return new Image(depth, color, samples);
  }

  /** Filters a row (section 9.2) and puts the filter's number in front. */
  private static byte[] filtered(byte[] row, byte[] above, int size, int filter) {
    byte[] out = new byte[row.length + 1];
    out[0] = (byte) filter;
    for (int i = 0; i < row.length; i++) {
      int left = i < size ? 0 : row[i - size] & 0xff;
      int up = above[i] & 0xff;
      int corner = i < size ? 0 : above[i - size] & 0xff;
      int nearest = left + up - corner;
      int toLeft = Math.abs(nearest - left);
      int toUp = Math.abs(nearest - up);
      int toCorner = Math.abs(nearest - corner);
      int paeth = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      int[] guesses = {0, left, up, (left + up) / 2, paeth};
      out[i + 1] = (byte) (row[i] - guesses[filter]);
    }
    return out;
  }

  private byte[] rows(Image image, boolean interlaced) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int size = Math.max(1, image.depth() * image.channels() / 8);
    for (int[] pass : interlaced ? PASSES : WHOLE) {
      byte[] above = {};
      for (int y = pass[1]; y < HEIGHT && pass[0] < WIDTH; y += pass[3]) {
        BitsOut bits = BitsOut.highestFirst();
        for (int x = pass[0]; x < WIDTH; x += pass[2]) {
          for (int channel = 0; channel < image.channels(); channel++) {
            bits.bits(image.sample(x, y, channel), image.depth());
          }
        }
        byte[] row = bits.toBytes();
        byte[] before = above.length == 0 ? new byte[row.length] : above;
        out.writeBytes(filtered(row, before, size, random.nextInt(5)));
        above = row;
      }
    }
    return out.toByteArray();
  }

  private static PngChunks header(Image image, boolean interlaced) {
    byte[] size = PngChunks.big(WIDTH, HEIGHT);
    int last = interlaced ? 1 : 0;
    return new PngChunks()
        .with("IHDR", PngChunks.joined(size, image.depth(), image.color(), 0, 0, last));
  }

  /** Adds data in chunks of different sizes, some of them empty. */
  private PngChunks data(PngChunks chunks, byte[] packed) {
    for (int at = 0; at < packed.length; ) {
      int count = Math.min(packed.length - at, random.nextInt(300));
      chunks.with("IDAT", Arrays.copyOfRange(packed, at, at + count));
      at += count;
    }
    return chunks;
  }

  private static byte[] palette(int colors) {
    byte[] palette = new byte[3 * colors];
    for (int i = 0; i < palette.length; i++) {
      palette[i] = (byte) (i * 7 + 3);
    }
    return palette;
  }

  /** What Pillow shows of a sample: few bits are stretched, grey of 16 is clipped, others cut. */
  private static int level(Image image, int value) {
    if (image.depth() == 16) {
      return image.color() == 0 ? Math.min(255, value) : value >> 8;
    }
    return value * 255 / ((1 << image.depth()) - 1);
  }

  private static byte[] expected(Image image) {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    byte[] palette = palette(256);
    for (int i = 0; i < rgb.length; i++) {
      int pixel = i / 3;
      int channel = image.channels() > 2 ? i % 3 : 0;
      int value = image.sample(pixel % WIDTH, pixel / WIDTH, channel);
      boolean indexed = image.color() == INDEXED;
      rgb[i] = indexed ? palette[3 * value + i % 3] : (byte) level(image, value);
    }
    return rgb;
  }

  private byte[] file(Image image, boolean interlaced) {
    PngChunks chunks = header(image, interlaced);
    if (image.color() == INDEXED) {
      chunks.with("PLTE", palette(1 << image.depth()));
    }
    return data(chunks, PngChunks.deflated(rows(image, interlaced))).with("IEND").toBytes();
  }

  @ParameterizedTest
  @CsvSource({
    "1,0", "2,0", "4,0", "8,0", "16,0", "8,2", "16,2", "1,3", "2,3", "4,3", "8,3", "8,4", "16,4",
    "8,6", "16,6"
  })
  void everyKindComesBackPlainAndInterlaced(int depth, int color) throws IOException {
    for (boolean interlaced : new boolean[] {false, true}) {
      Image image = image(depth, color);
      RgbImage found = PngDecoder.read(file(image, interlaced), LIMIT);
      assertThat(found.width() + "x" + found.height()).isEqualTo("29x21");
      assertThat(found.rgb()).as("interlaced %s", interlaced).isEqualTo(expected(image));
    }
  }

  @Test
  void theEndChunkMayBeMissing() throws IOException {
    Image image = image(8, 2);
    byte[] file = file(image, false);
    byte[] endless = Arrays.copyOf(file, file.length - 12);
    assertThat(PngDecoder.read(endless, LIMIT).rgb()).isEqualTo(expected(image));
  }

  @Test
  void rowsBehindARegularEndAreBlack() throws IOException {
    Image image = image(8, 0);
    byte[] half = Arrays.copyOf(rows(image, false), 10 * (WIDTH + 1));
    byte[] file = data(header(image, false), PngChunks.deflated(half)).with("IEND").toBytes();
    byte[] expected = expected(image);
    Arrays.fill(expected, 3 * 10 * WIDTH, expected.length, (byte) 0);
    assertThat(PngDecoder.read(file, LIMIT).rgb()).isEqualTo(expected);
  }

  private static void refused(byte[] file, String reason) {
    assertThatThrownBy(() -> PngDecoder.read(file, LIMIT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void damagedDataAreRefused() {
    Image image = image(8, 0);
    byte[] rows = rows(image, false);
    rows[3 * (WIDTH + 1)] = 5;
    refused(
        data(header(image, false), PngChunks.deflated(rows)).with("IEND").toBytes(),
        "row with the unknown filter 5");
    byte[] odd = Arrays.copyOf(rows(image, false), 10 * (WIDTH + 1) + 7);
    refused(
        data(header(image, false), PngChunks.deflated(odd)).with("IEND").toBytes(),
        "image data ends within a row");
    byte[] packed = PngChunks.deflated(rows(image, false));
    refused(
        data(header(image, false), Arrays.copyOf(packed, packed.length / 2)).with("IEND").toBytes(),
        "image data cut short");
    packed[0] ^= 4;
    refused(data(header(image, false), packed).with("IEND").toBytes(), "damaged image data");
  }

  @Test
  void filesWithoutAnImageAreRefused() {
    Image image = image(8, 0);
    refused(header(image, false).with("IEND").toBytes(), "no image data");
    refused(header(image, false).toBytes(), "cut short");
    refused(new PngChunks().with("IDAT", 1).toBytes(), "no header with a known kind");
    refused(new PngChunks().header(0, 5, 8, 0).with("IDAT", 1).toBytes(), "no header");
    refused(new PngChunks().header(5, 5, 3, 0).with("IDAT", 1).toBytes(), "no header");
    byte[] sum = header(image, false).with("IDAT", 1).toBytes();
    sum[8 + 4 + 4 + 13] ^= 1;
    refused(sum, "IHDR chunk with a wrong check sum");
  }

  @Test
  void sizesAreComparedBeforeAnythingIsDecoded() {
    byte[] wide = new PngChunks().header(1025, 1025, 8, 0).with("IDAT", 1).toBytes();
    assertThatThrownBy(() -> PngDecoder.read(wide, LIMIT))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("1025x1025");
    byte[] negative = new PngChunks().header(-1, 1, 8, 0).with("IDAT", 1).toBytes();
    assertThatThrownBy(() -> PngDecoder.read(negative, LIMIT))
        .as("4294967295 pixels in a row")
        .isInstanceOf(UnreadableImageException.class);
  }

  /** An animation's first frame lies on its screen; what is around it is black. */
  @Test
  void aFirstFrameIsPutWhereItBelongs() throws IOException {
    byte[] rows = {0, 1, 2, 3, 0, 4, 5, 6}; // two rows of three levels
    PngChunks chunks = new PngChunks().header(5, 4, 8, 0).integers("acTL", 1, 0);
    chunks.frame(0, 3, 2, 1, 2).with("IDAT", PngChunks.deflated(rows));
    byte[] rgb = PngDecoder.read(chunks.with("IEND").toBytes(), LIMIT).rgb();
    int[] levels = new int[20];
    Arrays.setAll(levels, i -> rgb[3 * i]);
    assertThat(levels).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0);
  }
}
