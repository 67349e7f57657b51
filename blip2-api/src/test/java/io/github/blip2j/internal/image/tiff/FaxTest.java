package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that were coded as T.4 and T.6 say come back, and damage ends in white. */
class FaxTest {
  private static final int ROWS = 12;

  /** Rows of runs, each a little like the one above it. */
  private static int[][] rows(int width, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[][] rows = new int[ROWS][];
    int[] above = new int[width];
    for (int y = 0; y < ROWS; y++) {
      int[] row = above.clone();
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        int from = random.nextInt(width);
        int to = Math.min(width, from + 1 + random.nextInt(1 + width / 3));
        Arrays.fill(row, from, to, random.nextInt(2));
      }
      if (y % 4 == 3) {
        int shift = random.nextInt(5);
        System.arraycopy(above, 0, row, Math.min(shift, width), Math.max(0, width - shift));
      }
      rows[y] = row;
      above = row;
    }
    return rows;
  }

  private static byte[] packed(int[] row) {
    byte[] bytes = new byte[(row.length + 7) / 8];
    for (int x = 0; x < row.length; x++) {
      bytes[x / 8] |= (byte) (row[x] << 7 - x % 8);
    }
    return bytes;
  }

  private static int[] white(int width) {
    return new int[width];
  }

  private static void assertRows(byte[] coded, Fax.Mode mode, int[]... rows) {
    int width = rows[0].length;
    Fax fax = new Fax(new Block(coded, 0, coded.length, false), mode, width);
    byte[] target = new byte[(width + 7) / 8 + 2];
    for (int y = 0; y < rows.length; y++) {
      Arrays.fill(target, (byte) 0x55);
      fax.read(target, (width + 7) / 8);
      assertThat(Arrays.copyOf(target, (width + 7) / 8)).as("row %d", y).isEqualTo(packed(rows[y]));
      assertThat(target[target.length - 1]).as("behind the row").isEqualTo((byte) 0x55);
    }
  }

  private static FaxRows coded(int[][] rows, Fax.Mode mode) {
    FaxRows out = new FaxRows();
    int[] above = white(rows[0].length);
    for (int y = 0; y < rows.length; y++) {
      boolean two = mode == Fax.Mode.GROUP4 || mode == Fax.Mode.GROUP3_2D && y % 3 > 0;
      if (mode == Fax.Mode.GROUP3 || mode == Fax.Mode.GROUP3_2D) {
        out.code("0".repeat(y % 4)).code(FaxRows.END_OF_LINE); // with fill in front
      }
      if (mode == Fax.Mode.GROUP3_2D) {
        out.code(two ? "0" : "1");
      }
      if (two) {
        out.relative(rows[y], above);
      } else {
        out.runs(rows[y]);
      }
      if (mode == Fax.Mode.RUNS) {
        out.align();
      }
      above = rows[y];
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "RUNS,1",
    "RUNS,8",
    "RUNS,37",
    "RUNS,2000",
    "RUNS,9001",
    "GROUP3,1",
    "GROUP3,64",
    "GROUP3,333",
    "GROUP3_2D,1",
    "GROUP3_2D,9",
    "GROUP3_2D,100",
    "GROUP3_2D,2700",
    "GROUP4,1",
    "GROUP4,2",
    "GROUP4,8",
    "GROUP4,65",
    "GROUP4,500",
    "GROUP4,6000"
  })
  void whatWasCodedComesBack(Fax.Mode mode, int width) {
    for (int seed = 0; seed < 10; seed++) {
      int[][] rows = rows(width, seed);
      assertRows(coded(rows, mode).toBytes(), mode, rows);
    }
  }

  @Test
  void bytesMayBeginWithTheirLowestBit() {
    int[][] rows = rows(77, 3);
    byte[] coded = coded(rows, Fax.Mode.GROUP4).toBytes();
    byte[] turned = new byte[coded.length + 2];
    for (int i = 0; i < coded.length; i++) {
      turned[i + 1] = (byte) (Integer.reverse(coded[i]) >>> 24);
    }
    Fax fax = new Fax(new Block(turned, 1, coded.length, true), Fax.Mode.GROUP4, 77);
    byte[] target = new byte[10];
    for (int[] row : rows) {
      fax.read(target, 10);
      assertThat(target).isEqualTo(packed(row));
    }
  }

  /** Some of T.4's tables 2 and 3, and that all codes of a colour can be told apart. */
  @Test
  void codesAreThoseOfTheTables() {
    assertThat(FaxRows.of(0, false)).isEqualTo("00110101");
    assertThat(FaxRows.of(63, false)).isEqualTo("00110100");
    assertThat(FaxRows.of(64, false)).isEqualTo("11011");
    assertThat(FaxRows.of(1728, false)).isEqualTo("010011011");
    assertThat(FaxRows.of(0, true)).isEqualTo("0000110111");
    assertThat(FaxRows.of(2, true)).isEqualTo("11");
    assertThat(FaxRows.of(63, true)).isEqualTo("000001100111");
    assertThat(FaxRows.of(64, true)).isEqualTo("0000001111");
    assertThat(FaxRows.of(1792, true)).isEqualTo("00000001000");
    assertThat(FaxRows.of(2560, false)).isEqualTo("000000011111");
    for (boolean black : new boolean[] {false, true}) {
      FaxCodes codes = FaxCodes.of(black);
      int runs = 0;
      for (int run = 0; run <= 2560; run += run < 64 ? 1 : 64) {
        int bits = FaxRows.of(run, black).length();
        runs += 1 << FaxCodes.LONGEST - bits;
      }
      long taken = IntStream.range(0, 1 << FaxCodes.LONGEST).filter(n -> codes.bits(n) > 0).count();
      assertThat(taken).as("places in the table").isEqualTo(runs);
    }
  }

  @Test
  void rowsBehindTheEndAreWhite() {
    int[] row = rows(50, 1)[5];
    for (Fax.Mode mode : Fax.Mode.values()) {
      int[][] one = {row};
      assertRows(coded(one, mode).toBytes(), mode, row, white(50), white(50));
    }
  }

  /** The strip is searched for one once, not for each row of nothing that it begins with. */
  @ParameterizedTest
  @CsvSource({"GROUP3", "GROUP3_2D"})
  @Timeout(30)
  void aStripWithoutEndOfLineIsSearchedOnce(Fax.Mode mode) {
    byte[] ones = new byte[1 << 16];
    Arrays.fill(ones, 1, ones.length, (byte) 0xff);
    Fax fax = new Fax(new Block(ones, 0, ones.length, false), mode, 8);
    byte[] target = new byte[1];
    for (int y = 0; y < 1 << 20; y++) {
      fax.read(target, 1);
      assertThat(target[0]).isZero();
    }
  }

  /** As many changes as pixels, in rows that say so each for itself and by the row above. */
  @ParameterizedTest
  @CsvSource({"RUNS,255", "RUNS,3000", "GROUP3_2D,3001", "GROUP4,252", "GROUP4,3000"})
  void pixelsMayChangeAllAlongTheRow(Fax.Mode mode, int width) {
    int[][] rows = new int[4][width];
    for (int x = 0; x < width; x++) {
      rows[1][x] = x & 1;
      rows[2][x] = x & 1 ^ 1;
      rows[3][x] = x & 1;
    }
    assertRows(coded(rows, mode).toBytes(), mode, rows);
  }

  @Test
  void theFirstRowMayDoWithoutEndOfLine() {
    int[] row = rows(50, 1)[5];
    byte[] coded = new FaxRows().runs(row).toBytes();
    assertRows(coded, Fax.Mode.GROUP3, row, white(50), white(50));
  }

  /** T.6, 2.2.5: two end-of-line codes end a block, whatever follows. */
  @Test
  void anEndOfBlockEndsGroup4() {
    int[] row = rows(50, 1)[5];
    byte[] coded =
        new FaxRows()
            .relative(row, white(50))
            .code(FaxRows.END_OF_LINE)
            .code(FaxRows.END_OF_LINE)
            .relative(row, white(50))
            .toBytes();
    assertRows(coded, Fax.Mode.GROUP4, row, white(50), white(50));
  }

  @Test
  void aRowThatGoesWrongIsWhiteFromThereAndTheNextOneIsRead() {
    int[] whole = new int[40];
    Arrays.fill(whole, 10, 20, 1);
    Arrays.fill(whole, 30, 35, 1);
    int[] cut = new int[40];
    Arrays.fill(cut, 10, 20, 1);
    FaxRows rows = new FaxRows().code(FaxRows.END_OF_LINE);
    rows.code(FaxRows.of(10, false)).code(FaxRows.of(10, true)).code("000000001"); // no code
    rows.code(FaxRows.END_OF_LINE).runs(whole);
    assertRows(rows.toBytes(), Fax.Mode.GROUP3, cut, whole);
  }

  @Test
  void runsEndAtTheRowsEnd() {
    int[] black = new int[20];
    Arrays.fill(black, 5, 20, 1);
    FaxRows rows = new FaxRows();
    rows.code(FaxRows.of(5, false)).code(FaxRows.of(64, true)).code(FaxRows.of(3, true)).align();
    rows.runs(black);
    assertRows(rows.toBytes(), Fax.Mode.RUNS, black, black);
  }

  /** A change to the left of where the row already is would go back in it. */
  @ParameterizedTest
  @ValueSource(strings = {"0000010", "000010", "010"})
  void aRowDoesNotGoBack(String leftwards) {
    int[] above = new int[30];
    Arrays.fill(above, 1, 2, 1);
    byte[] coded = new FaxRows().relative(above, white(30)).code(leftwards).code("1").toBytes();
    Fax fax = new Fax(new Block(coded, 0, coded.length, false), Fax.Mode.GROUP4, 30);
    byte[] target = new byte[4];
    fax.read(target, 4);
    assertThat(target).isEqualTo(packed(above));
    fax.read(target, 4);
    boolean possible = leftwards.equals("010"); // from 1 to 0
    assertThat(target[0] != 0).isEqualTo(possible);
  }

  /** Whatever the bytes are: a row of pixels, in the room that it has. */
  @ParameterizedTest
  @CsvSource({"RUNS", "GROUP3", "GROUP3_2D", "GROUP4"})
  void anyBytesAreRows(Fax.Mode mode) {
    SplittableRandom random = new SplittableRandom(17);
    for (int round = 0; round < 300; round++) {
      byte[] bytes = new byte[random.nextInt(1, 60)];
      random.nextBytes(bytes);
      int width = random.nextInt(1, 90);
      Fax fax = new Fax(new Block(bytes, 0, bytes.length, false), mode, width);
      byte[] target = new byte[(width + 7) / 8];
      for (int y = 0; y < 20; y++) {
        fax.read(target, target.length);
        int beyond = target[target.length - 1] & (1 << (8 - width % 8) % 8) - 1;
        assertThat(beyond).as("pixels beyond the width").isZero();
      }
    }
  }
}
