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
      GrayJpeg.huffman(file, 0x10 | i & 3, 0xe0);
    }
    file.write(plain, 2, plain.length - 2);
    assertThat(TestImages.read(file.toByteArray()).rgb()).isEqualTo(TestImages.read(plain).rgb());
  }

  @Test
  void aThousandScansOfAHugeImageAreRefused() {
    assertThatThrownBy(() -> TestImages.read(GrayJpeg.progressive(HUGE, 1000)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("expected scans that visit at most");
  }

  @Test
  void aThousandScansOfASmallImageAreRead() {
    assertGray(TestImages.read(GrayJpeg.progressive(64, 1000)), 64);
  }

  @Test
  void manyScansOfAHugeImageAreReadQuickly() {
    assertGray(TestImages.read(GrayJpeg.progressive(HUGE, 60)), HUGE);
  }

  @Test
  void moreScansThanAnybodyNeedsAreRefused() {
    assertThatThrownBy(() -> TestImages.read(GrayJpeg.progressive(8, 5000)))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining("expected 1 to 2000 scans");
  }

  @Test
  void anImageWithoutDataIsRefusedBeforeItIsAllocated() {
    byte[] file = GrayJpeg.progressive(HUGE, 0);
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
}
