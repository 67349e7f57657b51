package io.github.blip2j.internal.image.tiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.BitsOut;
import io.github.blip2j.internal.image.LzwBytes;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strips and tiles come out as they were packed, however many bytes are asked for at a time. */
class BlockBytesTest {
  private static final int LARGE = 60_000; // fills LZW's table several times

  private final SplittableRandom random = new SplittableRandom(6);

  /** Bytes with repetitions of every length. */
  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int at = 0; at < count; ) {
      int run = Math.min(count - at, 1 + random.nextInt(1 << random.nextInt(1, 11)));
      if (random.nextBoolean()) {
        Arrays.fill(bytes, at, at + run, (byte) random.nextInt());
      } else if (at > run) {
        System.arraycopy(bytes, at - run, bytes, at, run);
      } else {
        bytes[at] = (byte) random.nextInt();
        run = 1;
      }
      at += run;
    }
    return bytes;
  }

  private static Block block(byte[] packed) {
    byte[] file = new byte[packed.length + 6];
    Arrays.fill(file, (byte) 0xa5);
    System.arraycopy(packed, 0, file, 4, packed.length);
    return new Block(file, 4, packed.length, false);
  }

  private void assertUnpacked(BlockBytes from, byte[] expected) throws IOException {
    byte[] row = new byte[700];
    for (int at = 0; at < expected.length; ) {
      int count = Math.min(expected.length - at, random.nextInt(1, row.length));
      from.read(row, count);
      assertThat(Arrays.copyOf(row, count))
          .as("%d bytes at %d", count, at)
          .isEqualTo(Arrays.copyOfRange(expected, at, at + count));
      at += count;
    }
    assertThatThrownBy(() -> from.read(row, 1)).isInstanceOf(IOException.class);
    from.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 255, 256, 257, 5000, LARGE})
  void everyCompressionIsUndone(int count) throws IOException {
    byte[] bytes = bytes(count);
    assertUnpacked(new Lzw(block(Packed.LZW.of(bytes))), bytes);
    assertUnpacked(new Lzw(block(LzwBytes.oldTiff(bytes))), bytes);
    assertUnpacked(new PackBits(block(Packed.PACK_BITS.of(bytes))), bytes);
    assertUnpacked(new Deflated(block(Packed.DEFLATE.of(bytes))), bytes);
  }

  /** Each string is one byte longer than any before. */
  @Test
  void codesOfTheStringThatIsOnlyJustKnownComeBack() throws IOException {
    byte[] zeros = new byte[LARGE];
    assertUnpacked(new Lzw(block(LzwBytes.tiff(zeros))), zeros);
  }

  @Test
  void aCodeOfAStringThatIsNotYetKnownIsDamage() {
    BitsOut ahead = BitsOut.highestFirst().bits(256, 9).bits('a', 9).bits(259, 9);
    assertThatThrownBy(() -> new Lzw(block(ahead.toBytes())).read(new byte[4], 4))
        .hasMessage("damaged LZW data");
    BitsOut first = BitsOut.highestFirst().bits(256, 9).bits(258, 9);
    assertThatThrownBy(() -> new Lzw(block(first.toBytes())).read(new byte[4], 4))
        .hasMessage("damaged LZW data");
  }

  @Test
  void theNextStringItselfIsKnown() throws IOException {
    BitsOut own = BitsOut.highestFirst().bits(256, 9).bits('a', 9).bits(258, 9).bits(257, 9);
    assertUnpacked(new Lzw(block(own.toBytes())), new byte[] {'a', 'a', 'a'});
  }

  @Test
  void dataThatEndIsSaidToEnd() {
    byte[] packed = {2, 7, 8};
    assertThatThrownBy(() -> new PackBits(block(packed)).read(new byte[3], 3))
        .isInstanceOf(EOFException.class)
        .hasMessage("runs cut short");
    BitsOut open = BitsOut.highestFirst().bits(256, 9).bits('a', 9);
    assertThatThrownBy(() -> new Lzw(block(open.toBytes())).read(new byte[2], 2))
        .isInstanceOf(EOFException.class)
        .hasMessage("LZW data cut short");
  }

  /** A table that is full and not begun again has no place for another string. */
  @Test
  void stringsBeyondTheTableAreDamage() {
    BitsOut out = BitsOut.highestFirst().bits(256, 9);
    int size = 9;
    int next = 258;
    for (int i = 0; i < 6000; i++) {
      out.bits(i % 256, size);
      next += i > 0 ? 1 : 0;
      size += next > (1 << size) - 2 && size < 12 ? 1 : 0;
    }
    assertThatThrownBy(() -> new Lzw(block(out.toBytes())).read(new byte[6000], 6000))
        .hasMessage("damaged LZW data");
  }

  @Test
  void bytesMayBeTurned() {
    Block turned = new Block(new byte[] {0, 0b0000_0001, (byte) 0b1101_0000}, 1, 2, true);
    assertThat(turned.at(0)).isEqualTo(0b1000_0000);
    assertThat(turned.at(1)).isEqualTo(0b0000_1011);
  }
}
