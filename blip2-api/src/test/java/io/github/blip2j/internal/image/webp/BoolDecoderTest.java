package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder of VP8's arithmetic code reads what the encoder of RFC 6386, section 7.3, writes. */
class BoolDecoderTest {
  private static final int BITS = 20_000;
  private static final int EVEN = 128;

  private static BoolDecoder decoder(byte[] bytes) {
    byte[] file = new byte[bytes.length + 3];
    System.arraycopy(bytes, 0, file, 1, bytes.length);
    file[bytes.length + 1] = 99; // another part's
    return new BoolDecoder(new Span(file, 1, bytes.length));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 128, 250, 255})
  void bitsOfEveryProbabilityComeBack(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = BITS / 20;
    int[] bits = new int[count];
    int[] probabilities = new int[count];
    BoolEncoder encoder = new BoolEncoder();
    for (int i = 0; i < count; i++) {
      probabilities[i] = seed == 3 ? random.nextInt(1, 256) : Math.max(1, seed);
      bits[i] = random.nextInt(256) < probabilities[i] ? 0 : 1;
      encoder.bit(bits[i], probabilities[i]);
    }
    BoolDecoder decoder = decoder(encoder.toBytes());
    for (int i = 0; i < count; i++) {
      assertThat(decoder.bit(probabilities[i])).as("bit %d", i).isEqualTo(bits[i]);
    }
    assertThat(decoder.damaged()).isFalse();
  }

  /** Leaves 0 to 3, whose paths are 0, 10, 110 and 111. */
  @Test
  void leavesOfATreeAreFoundByTheBitsThatLeadToThem() {
    int[] tree = {0, 1, -1, 2, -2, -3};
    int[] probabilities = {0, 0, 40, 128, 250}; // behind others
    SplittableRandom random = new SplittableRandom(6);
    int[] leaves = random.ints(BITS / 20, 0, 4).toArray();
    BoolEncoder encoder = new BoolEncoder();
    for (int leaf : leaves) {
      for (int node = 0; node < Math.min(3, leaf + 1); node++) {
        encoder.bit(leaf > node ? 1 : 0, probabilities[2 + node]);
      }
    }
    BoolDecoder decoder = decoder(encoder.toBytes());
    for (int leaf : leaves) {
      assertThat(decoder.leaf(tree, probabilities, 2)).isEqualTo(leaf);
    }
    assertThat(decoder.damaged()).isFalse();
  }

  @Test
  void numbersHaveTheirHighestBitFirstAndTheirSignLast() {
    BoolEncoder encoder = new BoolEncoder();
    encoder.number(1, 1); // a flag
    encoder.number(0b1011, 4);
    encoder.number(0b0110, 4);
    encoder.number(1, 1); // minus
    encoder.number(0, 1); // no number
    encoder.number(1, 1);
    encoder.number(5, 3);
    encoder.number(0, 1);
    BoolDecoder decoder = decoder(encoder.toBytes());
    assertThat(decoder.flag()).isTrue();
    assertThat(decoder.number(4)).isEqualTo(11);
    assertThat(decoder.signed(4)).isEqualTo(-6);
    assertThat(decoder.optional(7)).isZero();
    assertThat(decoder.optional(3)).isEqualTo(5);
  }

  /** In and out of the local state, over the end: bits, signs, and where the damage is noticed. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15, 400})
  void localBitsAreThoseOfTheDecoder(int length) {
    SplittableRandom random = new SplittableRandom(length);
    for (int round = 0; round < 50; round++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      bytes[0] &= 0x7f;
      BoolDecoder whole = decoder(bytes);
      BoolDecoder local = decoder(bytes);
      while (!whole.damaged()) {
        LocalBits bits = new LocalBits(local);
        for (int i = random.nextInt(30); i > 0; i--) {
          int probability = random.nextInt(1, 256);
          assertThat(bits.one(probability)).isEqualTo(whole.bit(probability) == 1);
          int magnitude = random.nextInt(2048);
          int expected = whole.flag() ? -magnitude : magnitude;
          assertThat(bits.withSign(magnitude)).isEqualTo(expected);
        }
        assertThat(bits.give()).isSameAs(local);
        assertThat(local.damaged()).isEqualTo(whole.damaged());
        assertThat(local.number(5)).as("behind them").isEqualTo(whole.number(5));
        bits.take();
        assertThat(bits.one(99)).as("taken again").isEqualTo(whole.bit(99) == 1);
        bits.give();
      }
      assertThat(local.damaged()).isTrue();
    }
  }

  @Test
  void behindTheEndAreZerosAndThatIsDamage() {
    BoolEncoder encoder = new BoolEncoder();
    for (int i = 0; i < 64; i++) {
      encoder.bit(0, EVEN);
    }
    BoolDecoder decoder = decoder(encoder.toBytes());
    for (int i = 0; i < 64; i++) {
      assertThat(decoder.bit(EVEN)).isZero();
    }
    assertThat(decoder.damaged()).isFalse();
    for (int i = 0; i < 40; i++) {
      assertThat(decoder.bit(EVEN)).as("nothing of the part behind").isZero();
    }
    assertThat(decoder.damaged()).isTrue();
    assertThat(decoder(new byte[0]).damaged()).isTrue();
  }
}
