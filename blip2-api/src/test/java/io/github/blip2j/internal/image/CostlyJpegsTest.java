package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small JPEG files that ask for much: what they cost is bounded before it is spent. */
@Timeout(30)
class CostlyJpegsTest {
  private static final int HUGE = 8000;

  @Test
  void halfAMillionHuffmanTables() {
    byte[] plain = TestImages.bytes("odd-images/jpeg/comments.jpg");
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(plain, 0, 2);
    for (int i = 0; i < 500_000; i++) {
      huffman(file, 0x10 | i & 3, 0xe0);
    }
    file.write(plain, 2, plain.length - 2);
    assertThat(TestImages.read(file.toByteArray()).rgb()).isEqualTo(TestImages.read(plain).rgb());
  }

  @Test
  void aThousandScansOfAHugeImageAreRefused() {
    assertThatThrownBy(() -> TestImages.read(progressive(HUGE, 1000)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("expected scans that visit at most");
  }

  @Test
  void aThousandScansOfASmallImageAreRead() {
    assertGray(TestImages.read(progressive(64, 1000)), 64);
  }

  @Test
  void manyScansOfAHugeImageAreReadQuickly() {
    assertGray(TestImages.read(progressive(HUGE, 60)), HUGE);
  }

  @Test
  void moreScansThanAnybodyNeedsAreRefused() {
    assertThatThrownBy(() -> TestImages.read(progressive(8, 5000)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("expected 1 to 2000 scans");
  }

  @Test
  void anImageWithoutDataIsRefusedBeforeItIsAllocated() {
    byte[] file = progressive(HUGE, 0);
    byte[] cut = Arrays.copyOf(file, file.length - HUGE * HUGE / 64 / 8 / 2);
    cut[cut.length - 2] = (byte) 0xff;
    cut[cut.length - 1] = (byte) 0xd9;
    assertThatThrownBy(() -> TestImages.read(cut))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("the coded data of a scan end too early");
  }

  private static void assertGray(RgbImage image, int side) {
    assertThat(image.width()).isEqualTo(side);
    assertThat(image.rgb()[0]).isEqualTo((byte) 128);
    assertThat(image.rgb()[image.rgb().length - 1]).isEqualTo((byte) 128);
  }

  /** A gray square whose AC scans say nothing about all blocks, 16384 of them in 15 bits. */
  private static byte[] progressive(int side, int scans) {
    int blocks = side / 8 * (side / 8);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    write(file, 0xff, 0xd8, 0xff, 0xdb, 0, 67, 0);
    file.writeBytes(new byte[64]);
    write(file, 0xff, 0xc2, 0, 11, 8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0);
    huffman(file, 0, 0);
    huffman(file, 0x10, 0xe0);
    write(file, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0);
    file.writeBytes(new byte[(blocks + 7) / 8]);
    byte[] runs = new byte[(blocks / (1 << 14) + 1) * 2];
    for (int i = 0; i < scans; i++) {
      write(file, 0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0);
      file.writeBytes(runs);
    }
    write(file, 0xff, 0xd9);
    return file.toByteArray();
  }

  /** A table with one symbol, whose code is a 0. */
  private static void huffman(ByteArrayOutputStream file, int slot, int symbol) {
    write(file, 0xff, 0xc4, 0, 20, slot, 1);
    file.writeBytes(new byte[15]);
    file.write(symbol);
  }

  private static void write(ByteArrayOutputStream file, int... bytes) {
    for (int value : bytes) {
      file.write(value);
    }
  }
}
