package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.BitsOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prefix codes of every shape are read as canonical codes are written. */
class PrefixCodeTest {
  private static final int SYMBOLS = 400;

  /** Lengths of a complete code: leaves of a tree that was split at random. */
  private static int[] lengths(int leaves, SplittableRandom random) {
    List<Integer> tree = new ArrayList<>(List.of(1, 1));
    while (tree.size() < leaves) {
      int leaf = random.nextInt(tree.size());
      if (tree.get(leaf) < PrefixCode.MAX_LENGTH) {
        int length = tree.get(leaf) + 1;
        tree.set(leaf, length);
        tree.add(length);
      }
    }
    int[] lengths = new int[SYMBOLS];
    for (int length : tree) { // at random symbols
      int symbol = random.nextInt(SYMBOLS);
      while (lengths[symbol] > 0) {
        symbol = (symbol + 1) % SYMBOLS;
      }
      lengths[symbol] = length;
    }
    return lengths;
  }

  /** RFC 1951, 3.2.2: shorter codes first, of one length those of smaller symbols. */
  private static String[] canonical(int[] lengths) {
    String[] codes = new String[lengths.length];
    int code = 0;
    for (int length = 1; length <= PrefixCode.MAX_LENGTH; length++) {
      for (int symbol = 0; symbol < lengths.length; symbol++) {
        if (lengths[symbol] == length) {
          String digits = Integer.toBinaryString(code++);
          codes[symbol] = "0".repeat(length - digits.length()) + digits;
        }
      }
      code <<= 1;
    }
    return codes;
  }

  private static void check(int[] lengths, SplittableRandom random) throws IOException {
    PrefixCode code = PrefixCode.of(lengths, lengths.length);
    String[] codes = canonical(lengths);
    BitsOut out = BitsOut.lowestFirst();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 3 * lengths.length; i++) {
      int symbol = i < lengths.length ? i : random.nextInt(lengths.length);
      if (lengths[symbol] > 0) {
        out.code(codes[symbol]);
        expected.add(symbol);
      }
    }
    byte[] bytes = out.toBytes();
    BitReader in = new BitReader(new Span(bytes, 0, bytes.length));
    List<Integer> found = new ArrayList<>();
    while (found.size() < expected.size()) {
      found.add(code.read(in));
    }
    assertThat(found).isEqualTo(expected);
    in.check();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 17, 100, 399})
  void everySymbolOfAnyCompleteCodeIsFound(int leaves) throws IOException {
    SplittableRandom random = new SplittableRandom(leaves);
    for (int round = 0; round < 20; round++) {
      check(lengths(leaves, random), random);
    }
  }

  /** One code of each length, and two of the longest. */
  @Test
  void codesOfFifteenBitsAreFound() throws IOException {
    int[] lengths = new int[16];
    for (int i = 0; i < 16; i++) {
      lengths[i] = Math.min(i + 1, PrefixCode.MAX_LENGTH);
    }
    check(lengths, new SplittableRandom(1));
  }

  @Test
  void oneSymbolAloneTakesNoBits() throws IOException {
    int[] lengths = new int[40];
    lengths[33] = 7;
    PrefixCode code = PrefixCode.of(lengths, 40);
    assertThat(code.single()).isTrue();
    assertThat(code.find(0x5555)).isEqualTo(33 << 4);
  }

  @Test
  void codesThatAreTooManyOrTooFewAreRefused() {
    assertThatThrownBy(() -> PrefixCode.of(new int[] {1, 1, 1}, 3))
        .hasMessageContaining("too many codes");
    assertThatThrownBy(() -> PrefixCode.of(new int[] {1, 2}, 2))
        .hasMessageContaining("codes without a symbol");
    assertThatThrownBy(() -> PrefixCode.of(new int[] {2, 2, 2, 2, 15}, 5))
        .hasMessageContaining("too many codes");
    assertThatThrownBy(() -> PrefixCode.of(new int[3], 3)).isInstanceOf(IOException.class);
  }

  private static PrefixCode read(BitsOut bits, int symbols) throws IOException {
    byte[] bytes = bits.toBytes();
    return new PrefixCodeReader(new BitReader(new Span(bytes, 0, bytes.length)), symbols)
        .read(symbols);
  }

  @Test
  void aSimpleCodeNamesItsOneOrTwoSymbols() throws IOException {
    BitsOut one = BitsOut.lowestFirst().bits(1, 1).bits(0, 1).bits(0, 1).bits(1, 1);
    assertThat(read(one, 256).find(0) >> 4).isEqualTo(1);
    BitsOut two = BitsOut.lowestFirst().bits(1, 1).bits(1, 1).bits(1, 1).bits(200, 8).bits(3, 8);
    PrefixCode code = read(two, 256);
    assertThat(List.of(code.find(0), code.find(1))).containsExactly(3 << 4 | 1, 200 << 4 | 1);
  }

  /** Lengths by a code of lengths: 16 repeats the last one, 17 and 18 are runs of zeros. */
  @Test
  void aNormalCodeIsReadWithItsRepetitions() throws IOException {
    BitsOut bits = BitsOut.lowestFirst().bits(0, 1).bits(15 - 4, 4);
    // The order is 17 18 0 1 2 3 4 5 16 ...: codes of 2 bits for 2, 16, 17 and 18.
    for (int symbol : new int[] {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11}) {
      bits.bits(symbol == 2 || symbol >= 16 ? 2 : 0, 3);
    }
    bits.bits(0, 1); // lengths of all symbols follow
    bits.code("00"); // 2: symbol 0
    bits.code("10").bits(1, 3); // 17: 3 + 1 zeros, symbols 1 to 4
    bits.code("11").bits(4, 7); // 18: 11 + 4 zeros, 5 to 19
    bits.code("01").bits(0, 2); // 16: three times 2, 20 to 22
    PrefixCode code = read(bits, 23);
    List<Integer> symbols = new ArrayList<>();
    for (String next : new String[] {"00", "01", "10", "11"}) {
      int reversed = Integer.reverse(Integer.parseInt(next, 2)) >>> 30;
      symbols.add(code.find(reversed) >> 4);
    }
    assertThat(symbols).containsExactly(0, 20, 21, 22);
  }

  @Test
  void lengthsOfMoreSymbolsThanThereAreAreRefused() {
    BitsOut runs = BitsOut.lowestFirst().bits(0, 1).bits(0, 4); // lengths of 17, 18, 0 and 1
    runs.bits(1, 3).bits(1, 3).bits(0, 3).bits(0, 3).bits(0, 1);
    runs.code("1").bits(127, 7).code("1").bits(127, 7);
    assertThatThrownBy(() -> read(runs, 256)).hasMessageContaining("expected 256 lengths");
    BitsOut limit = BitsOut.lowestFirst().bits(0, 1).bits(0, 4);
    limit.bits(1, 3).bits(1, 3).bits(0, 3).bits(0, 3).bits(1, 1).bits(1, 3).bits(15, 4);
    assertThatThrownBy(() -> read(limit, 16)).hasMessageContaining("at most 16 lengths, found 17");
  }

  @Test
  void bitsBehindTheEndAreZerosAndRefused() throws IOException {
    byte[] file = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    BitReader in = new BitReader(new Span(file, 1, 9));
    for (int i = 2; i <= 10; i++) {
      assertThat(in.read(8)).isEqualTo(i);
      in.check();
    }
    assertThat(in.read(16)).as("not the bytes of the next part").isZero();
    assertThatThrownBy(in::check).hasMessageContaining("the end of their bits");
  }
}
