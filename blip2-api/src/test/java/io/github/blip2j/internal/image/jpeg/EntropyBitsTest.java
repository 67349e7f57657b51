package io.github.blip2j.internal.image.jpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.BitsOut;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Huffman codes and the bits behind them, as T.81 lays them down, read back. */
class EntropyBitsTest {
  private static final int LONGEST = 16;
  private static final int SYMBOLS = 3000;

  private final SplittableRandom random = new SplittableRandom(81);

  /** Counts of codes of each length: a tree split at random, one code left over at its end. */
  private byte[] counts(int codes) {
    List<Integer> leaves = new ArrayList<>(List.of(1, 1));
    while (leaves.size() < codes + 1) {
      int leaf = random.nextInt(leaves.size());
      if (leaves.get(leaf) < LONGEST) {
        leaves.set(leaf, leaves.get(leaf) + 1);
        leaves.add(leaves.get(leaf));
      }
    }
    leaves.sort(null);
    byte[] counts = new byte[LONGEST];
    leaves.subList(0, codes).forEach(length -> counts[length - 1]++); // not the code of all ones
    return counts;
  }

  /** T.81, annex C: codes of each symbol, in the order of the table. */
  private static List<String> codes(byte[] counts) {
    List<String> codes = new ArrayList<>();
    int code = 0;
    for (int length = 1; length <= LONGEST; length++) {
      for (int i = 0; i < counts[length - 1]; i++) {
        String digits = Integer.toBinaryString(code++);
        codes.add("0".repeat(length - digits.length()) + digits);
      }
      code <<= 1;
    }
    return codes;
  }

  /** Puts a 0 behind each 0xff (T.81, F.1.2.3). */
  private static byte[] stuffed(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte value : plain) {
      out.write(value);
      if (value == (byte) 0xff) {
        out.write(0);
      }
    }
    return out.toByteArray();
  }

  /** T.81, F.1.2.1: the bits of a coefficient, negative ones less one. */
  private static int bits(int value, int size) {
    return value < 0 ? value + (1 << size) - 1 : value;
  }

  /** The coefficient that an entry stands for, reading the bits that are still missing. */
  private static int coefficient(EntropyBits in, int entry) {
    if ((entry & HuffmanTable.HAS_VALUE) != 0) {
      return entry >> 16;
    }
    int size = entry >> 5 & 15;
    return size == 0 ? 0 : HuffmanTable.extend(in.read(size), size);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 12, 100, 162})
  void runsAndCoefficientsComeBack(int symbols) throws IOException {
    byte[] counts = counts(symbols);
    byte[] table = new byte[symbols];
    for (int i = 0; i < symbols; i++) {
      table[i] = (byte) random.nextInt(256);
    }
    List<String> codes = codes(counts);
    HuffmanTable huffman = HuffmanTable.of(counts, table, /* dc= */ false);
    BitsOut out = BitsOut.highestFirst();
    int[] chosen = new int[SYMBOLS];
    int[] values = new int[SYMBOLS];
    for (int i = 0; i < SYMBOLS; i++) {
      chosen[i] = random.nextInt(symbols);
      int size = table[chosen[i]] & 15;
      int magnitude = size == 0 ? 0 : (1 << size - 1) + random.nextInt(1 << size - 1);
      values[i] = random.nextBoolean() ? magnitude : -magnitude;
      out.code(codes.get(chosen[i])).bits(bits(values[i], size), size);
    }
    byte[] coded = stuffed(out.toBytes());
    EntropyBits in = new EntropyBits(coded, 0, coded.length);
    for (int i = 0; i < SYMBOLS; i++) {
      int entry = in.symbol(huffman);
      assertThat(entry >> 9 & 15).as("run %d", i).isEqualTo(table[chosen[i]] >> 4 & 15);
      assertThat(coefficient(in, entry)).as("coefficient %d", i).isEqualTo(values[i]);
    }
    in.check();
  }

  @Test
  void bitsOfEverySizeComeBackThroughStuffedBytes() throws IOException {
    BitsOut out = BitsOut.highestFirst();
    List<int[]> expected = new ArrayList<>();
    for (int i = 0; i < SYMBOLS; i++) {
      int size = 1 + random.nextInt(16);
      int value = (i % 3 == 0 ? -1 : random.nextInt()) & (1 << size) - 1; // many bytes of 0xff
      expected.add(new int[] {value, size});
      out.bits(value, size);
    }
    byte[] coded = stuffed(out.toBytes());
    EntropyBits in = new EntropyBits(coded, 0, coded.length);
    for (int[] pair : expected) {
      assertThat(in.read(pair[1])).isEqualTo(pair[0]);
    }
    in.check();
  }

  @Test
  void behindTheEndOrAMarkerAreZerosAndThatIsNoticed() throws IOException {
    byte[] marked = {0x12, 0x34, (byte) 0xff, (byte) 0xd9, 0x56, 0x78, 1, 2, 3, 4, 5, 6};
    EntropyBits in = new EntropyBits(marked, 0, marked.length);
    assertThat(in.read(16)).isEqualTo(0x1234);
    in.check();
    assertThat(in.read(8)).as("not what stands behind the marker").isZero();
    assertThatThrownBy(in::check).hasMessage("the coded data of a scan end too early");
    EntropyBits cut = new EntropyBits(marked, 0, 1);
    assertThat(cut.read(8)).isEqualTo(0x12);
    cut.check();
    assertThat(cut.read(1)).isZero();
    assertThatThrownBy(cut::check).isInstanceOf(IOException.class);
  }

  /** A million zeros are invented behind a million fill bytes, of which each is seen once. */
  @Test
  @Timeout(30)
  void fillBytesAreLookedAtOnce() throws IOException {
    byte[] filled = new byte[1 << 20];
    Arrays.fill(filled, (byte) 0xff);
    filled[filled.length - 2] = (byte) 0xd2;
    filled[filled.length - 1] = 0x56;
    for (int end : new int[] {filled.length, filled.length - 2}) {
      EntropyBits in = new EntropyBits(filled, 0, end);
      ArithmeticBits decisions = new ArithmeticBits(filled, 0, end);
      for (int i = 0; i < filled.length; i++) {
        assertThat(in.read(8)).isZero();
        decisions.decide(new byte[] {ArithmeticBits.EVEN}, 0);
      }
      assertThatThrownBy(in::check).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRestartMayStandBehindFillBytes() throws IOException {
    byte[] parts = {0x12, -1, -1, -1, (byte) 0xd3, 0x34, -1, -1, (byte) 0xd4, 0x56};
    EntropyBits in = new EntropyBits(parts, 0, parts.length);
    assertThat(in.read(8)).isEqualTo(0x12);
    in.restart(3);
    assertThat(in.read(8)).isEqualTo(0x34);
    in.restart(4);
    assertThat(in.read(8)).isEqualTo(0x56);
    ArithmeticBits decisions = new ArithmeticBits(parts, 0, parts.length);
    for (int i = 0; i < 100; i++) {
      decisions.decide(new byte[] {ArithmeticBits.EVEN}, 0);
    }
    decisions.restart(3);
    decisions.restart(4);
    assertThatThrownBy(() -> decisions.restart(5)).hasMessage("restart marker 5 is missing");
  }

  @Test
  void aRestartBeginsBehindItsMarker() throws IOException {
    byte[] parts = {0x12, (byte) 0xff, (byte) 0xd3, 0x34, (byte) 0xff, (byte) 0xd4, 0x56};
    EntropyBits in = new EntropyBits(parts, 0, parts.length);
    assertThat(in.read(4)).isEqualTo(1);
    in.restart(3);
    assertThat(in.read(8)).isEqualTo(0x34);
    assertThatThrownBy(() -> in.restart(5)).hasMessage("restart marker 5 is missing");
    in.restart(4);
    assertThat(in.read(8)).isEqualTo(0x56);
    assertThatThrownBy(() -> in.restart(5)).hasMessage("restart marker 5 is missing");
  }

  /** A part may have read too far only if nothing of that was used. */
  @Test
  void aRestartAfterBitsThatWereNotThereIsRefused() {
    byte[] parts = {0x12, (byte) 0xff, (byte) 0xd0, 0x34};
    EntropyBits in = new EntropyBits(parts, 0, parts.length);
    in.read(9);
    assertThatThrownBy(() -> in.restart(0)).hasMessage("the coded data of a scan end too early");
  }

  @Test
  void tablesThatAreNoPrefixCodesAreRefused() {
    byte[] three = new byte[LONGEST];
    three[0] = 2; // both codes of one bit: none may be all ones
    assertThatThrownBy(() -> HuffmanTable.of(three, new byte[2], false))
        .hasMessage("Huffman table: too many codes of 1 bits");
    byte[] one = new byte[LONGEST];
    one[3] = 1;
    assertThatThrownBy(() -> HuffmanTable.of(one, new byte[] {16}, true))
        .hasMessage("Huffman table: expected a size of 0 to 15, found 16");
  }

  @Test
  void aCodeThatIsNoneIsRefused() throws IOException {
    byte[] counts = new byte[LONGEST];
    counts[0] = 1;
    counts[14] = 1;
    HuffmanTable table = HuffmanTable.of(counts, new byte[] {1, 2}, false);
    byte[] ones = stuffed(new byte[] {-1, -1, -1});
    EntropyBits in = new EntropyBits(ones, 0, ones.length);
    assertThatThrownBy(() -> in.symbol(table)).hasMessage("no such Huffman code");
    EntropyBits none = new EntropyBits(ones, 0, ones.length);
    assertThatThrownBy(() -> none.symbol(HuffmanTable.EMPTY)).isInstanceOf(IOException.class);
  }
}
