package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What RFC 9649, section 3.5, has an encoder do to pixels is undone. */
class RowTransformTest {
  private static final int WIDTH = 21;
  private static final int HEIGHT = 11;
  private static final int BITS = 2; // blocks of four by four
  private static final int COLUMNS = RowTransform.blocks(WIDTH, BITS);
  private static final int BLOCKS = COLUMNS * RowTransform.blocks(HEIGHT, BITS);
  private static final int[] CHANNELS = {0, 8, 16, 24};

  private final SplittableRandom random = new SplittableRandom(35);
  private final int[][] image = new int[HEIGHT][WIDTH];

  RowTransformTest() {
    for (int[] row : image) {
      Arrays.setAll(row, x -> random.nextInt());
    }
  }

  private static int channel(int argb, int shift) {
    return argb >>> shift & 0xff;
  }

  private void assertUndone(RowTransform transform, int[][] encoded) {
    for (int y = 0; y < HEIGHT; y++) {
      int[] row = Arrays.copyOf(encoded[y], WIDTH);
      transform.undo(y, row);
      assertThat(row).as("row %d", y).isEqualTo(image[y]);
    }
  }

  /** Section 3.5.1's table, one channel at a time. */
  private static int predicted(int mode, int l, int t, int tl, int tr, int shift) {
    int left = channel(l, shift);
    int top = channel(t, shift);
    int corner = channel(tl, shift);
    int right = channel(tr, shift);
    return switch (mode) {
      case 1 -> left;
      case 2 -> top;
      case 3 -> right;
      case 4 -> corner;
      case 5 -> ((left + right) / 2 + top) / 2;
      case 6 -> (left + corner) / 2;
      case 7 -> (left + top) / 2;
      case 8 -> (corner + top) / 2;
      case 9 -> (top + right) / 2;
      case 10 -> ((left + corner) / 2 + (top + right) / 2) / 2;
      case 11 -> channel(selected(l, t, tl), shift);
      case 12 -> clamp(left + top - corner);
      case 13 -> clamp((left + top) / 2 + ((left + top) / 2 - corner) / 2);
      default -> shift == 24 ? 255 : 0;
    };
  }

  private static int clamp(int value) {
    return Math.max(0, Math.min(255, value));
  }

  /** The RFC's Select: distances of the estimate left + top - corner. */
  private static int selected(int l, int t, int tl) {
    int toLeft = 0;
    int toTop = 0;
    for (int shift : CHANNELS) {
      int estimate = channel(l, shift) + channel(t, shift) - channel(tl, shift);
      toLeft += Math.abs(estimate - channel(l, shift));
      toTop += Math.abs(estimate - channel(t, shift));
    }
    return toLeft < toTop ? l : t;
  }

  /** The pixel above and to the right of a row's last one is the row's own first. */
  private int pixel(int x, int y) {
    return x < WIDTH ? image[y][x] : image[y + 1][0];
  }

  private int difference(int mode, int x, int y) {
    int difference = 0;
    int row = Math.max(0, y - 1);
    int above = pixel(x, row);
    int left = x > 0 ? image[y][x - 1] : above;
    int corner = x > 0 ? image[row][x - 1] : above;
    int used = x == 0 && y == 0 ? 0 : y == 0 ? 1 : x == 0 ? 2 : mode;
    for (int shift : CHANNELS) {
      int right = y == 0 ? 0 : pixel(x + 1, row);
      int guess = predicted(used, left, above, corner, right, shift);
      difference |= (channel(image[y][x], shift) - guess & 0xff) << shift;
    }
    return difference;
  }

  private void checkPredictor(int[] modes) {
    int[][] encoded = new int[HEIGHT][WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int block = (y >> BITS) * COLUMNS + (x >> BITS);
        encoded[y][x] = difference(modes[block] >> 8 & 15, x, y);
      }
    }
    assertUndone(new PredictorTransform(modes, BITS, WIDTH), encoded);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void predictionsAreTakenBack(int mode) {
    int[] modes = new int[BLOCKS];
    Arrays.fill(modes, 0xff00_00ff | mode << 8 | 0xf000); // only four bits of green count
    checkPredictor(modes);
  }

  @Test
  void everyBlockHasAModeOfItsOwn() {
    int[] modes = new int[BLOCKS];
    Arrays.setAll(modes, block -> block * 5 % 14 << 8);
    checkPredictor(modes);
  }

  @Test
  void greenIsAddedToRedAndBlue() {
    int[][] encoded = new int[HEIGHT][WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int argb = image[y][x];
        int green = channel(argb, 8);
        int red = channel(argb, 16) - green & 0xff;
        encoded[y][x] = argb & 0xff00ff00 | red << 16 | (argb - green & 0xff);
      }
    }
    assertUndone(RowTransform.addGreen(WIDTH), encoded);
  }

  /** Section 3.5.2: parts in 32nds, of signed bytes; blue's of red is of the red before. */
  @Test
  void partsOfColoursAreAddedToOthers() {
    int[] multipliers = new int[BLOCKS];
    Arrays.setAll(multipliers, block -> random.nextInt());
    int[][] encoded = new int[HEIGHT][WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int code = multipliers[(y >> BITS) * COLUMNS + (x >> BITS)];
        int argb = image[y][x];
        byte green = (byte) (argb >> 8);
        byte red = (byte) (argb >> 16);
        int newRed = red - part((byte) code, green);
        int newBlue = argb - part((byte) (code >> 8), green) - part((byte) (code >> 16), red);
        encoded[y][x] = argb & 0xff00ff00 | (newRed & 0xff) << 16 | newBlue & 0xff;
      }
    }
    assertUndone(new ColorTransform(multipliers, BITS, WIDTH), encoded);
  }

  private static int part(byte multiplier, byte color) {
    return multiplier * color >> 5;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 16, 17, 200, 256})
  void indexesAreLookedUpHoweverManyAPixelHolds(int colors) {
    int[] palette = new int[colors];
    int[] differences = new int[colors];
    for (int i = 0; i < colors; i++) {
      palette[i] = random.nextInt();
      for (int shift : CHANNELS) {
        int before = i == 0 ? 0 : channel(palette[i - 1], shift);
        differences[i] |= (channel(palette[i], shift) - before & 0xff) << shift;
      }
    }
    int bits = colors <= 2 ? 3 : colors <= 4 ? 2 : colors <= 16 ? 1 : 0;
    assertThat(PaletteTransform.bits(colors)).isEqualTo(bits);
    int size = 8 >> bits;
    int[][] encoded = new int[HEIGHT][WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int index = random.nextInt(1 << size);
        image[y][x] = index < colors ? palette[index] : 0; // beyond it is clear black
        encoded[y][x >> bits] |= index << 8 + size * (x & (1 << bits) - 1);
      }
    }
    assertUndone(PaletteTransform.of(differences, WIDTH), encoded);
  }
}
