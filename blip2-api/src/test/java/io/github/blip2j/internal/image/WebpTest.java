package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WebP by its pixels where they tell what was wrong, and files that claim more than they are.
 * {@link OddImagesTest} compares whole images.
 */
class WebpTest {
  private static final int MEGABYTE = 1 << 20;
  private static final int LITTLE = 16 * MEGABYTE; // loading classes takes some of it
  private static final byte[] HUGE = {0x2f, -1, -1, -1, 0x0f, 0, 0, 0, 0, 0}; // 16384 x 16384

  /** Red to the left of column 15 and blue to the right: chroma must be interpolated. */
  @Test
  void chromaIsInterpolatedBetweenItsSamples() {
    RgbImage image = TestImages.read("odd-images/webp/edge-32.webp");
    int at = 3 * (16 * image.width() + 13);
    int[] found = new int[12];
    for (int i = 0; i < found.length; i++) {
      found[i] = image.rgb()[at + i] & 0xff;
    }
    assertThat(found).containsExactly(225, 9, 34, 169, 24, 105, 69, 0, 133, 24, 0, 215);
  }

  @Test
  void frameOfAnotherSizeThanItsCanvasIsRefusedBeforeDecoding() {
    byte[] file = riff(chunk("VP8X", vp8x(0, 10, 10)), chunk("VP8L", HUGE));
    assertThat(file.length).isLessThan(97);
    assertThat(refusal(file, LITTLE)).contains("expected an image of 10x10");
    byte[] place = new byte[16 + 18];
    byte[] inner = chunk("VP8L", HUGE);
    System.arraycopy(inner, 0, place, 16, inner.length);
    byte[] animation =
        riff(chunk("VP8X", vp8x(2, 10, 10)), chunk("ANIM", new byte[6]), chunk("ANMF", place));
    assertThat(refusal(animation, LITTLE)).contains("expected a frame inside 10x10");
  }

  @Test
  void hugeImageIsRefusedBeforeDecoding() {
    assertThat(refusal(riff(chunk("VP8L", HUGE)), LITTLE)).contains("16384x16384", "maxPixels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ICCP", "EXIF", "XMP ", "ALPH", "VP8 ", "VP8L", "ANIM", "ANMF", "none"})
  void chunkThatClaimsTwoGigabytesIsRefused(String type) {
    byte[] file = riff(chunk("VP8X", vp8x(0x3e, 10, 10)), chunk(type, new byte[20]));
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(file.length - 24, 0x7ffffff0);
    assertThat(refusal(file, LITTLE)).contains("expected a whole WEBP", "found 20");
  }

  /** Two megabytes with 65536 groups of prefix codes, whose tables would take 160. */
  @Test
  void moreTablesThanAnEncoderWritesAreRefused() {
    byte[] file = riff(chunk("VP8L", manyPrefixCodes()));
    assertThat(file.length).isLessThan(2 * MEGABYTE);
    assertThat(refusal(file, 160 * MEGABYTE)).contains("expected prefix codes of at most 67108864");
  }

  /** Twelve megabytes of chunks without contents in front of an image. */
  @Test
  void chunksAreNotListed() {
    ByteArrayOutputStream chunks = new ByteArrayOutputStream();
    byte[] empty = chunk("none", new byte[0]);
    for (int i = 0; i < 1_500_000; i++) {
      chunks.writeBytes(empty);
    }
    byte[] lossy = TestImages.bytes("odd-images/webp/lossy-15x17.webp");
    byte[] image = Arrays.copyOfRange(lossy, 12, lossy.length);
    byte[] file = riff(chunk("VP8X", vp8x(0, 15, 17)), chunks.toByteArray(), image);
    long before = allocated();
    assertThat(TestImages.read(file).rgb()).isEqualTo(TestImages.read(lossy).rgb());
    assertThat(allocated() - before).as("bytes allocated").isLessThan(10L * file.length);
  }

  /** The message of a refusal that allocates no more than this, and what reading the file takes. */
  private static String refusal(byte[] file, long most) {
    ImageSource source = ImageSource.of(file);
    long before = allocated();
    Throwable thrown =
        catchThrowable(() -> new ImageReader().read(source, ImageOptions.defaults()));
    long bytes = allocated() - before;
    assertThat(thrown).isInstanceOf(UnreadableImageException.class);
    assertThat(bytes).as("bytes allocated").isLessThan(most + 4L * file.length);
    return String.valueOf(thrown.getMessage());
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** A 1024x1024 image whose 65536 blocks have codes of their own, RFC 9649, section 3.7. */
  private static byte[] manyPrefixCodes() {
    BitWriter out = new BitWriter();
    out.put(0x2f, 8).put(1023, 14).put(1023, 14).put(0, 4);
    out.put(0, 1).put(0, 1); // no transforms, no cache
    out.put(1, 1).put(0, 3); // blocks of 4x4 pixels
    out.put(0, 1); // no cache for the image of blocks
    bytes(out); // green
    bytes(out); // red
    one(out);
    one(out);
    one(out);
    for (int group = 0; group < 65536; group++) {
      out.reversed(group & 0xff, 8).reversed(group >> 8, 8);
    }
    for (int group = 0; group < 65536; group++) {
      bytes(out);
      bytes(out);
      bytes(out);
      bytes(out);
      one(out);
    }
    return out.bytes();
  }

  /** A code with eight bits for each of the first 256 symbols. */
  private static void bytes(BitWriter out) {
    out.put(0, 1).put(8, 4).put(0, 18).put(0, 15).put(1, 3); // of lengths 8 only, the twelfth
    out.put(1, 1).put(3, 3).put(254, 8); // the first 256
  }

  /** A code with the symbol 0 only. */
  private static void one(BitWriter out) {
    out.put(1, 1).put(0, 1).put(0, 1).put(0, 1);
  }

  private static byte[] vp8x(int flags, int width, int height) {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putInt(flags);
    return bytes.putInt(4, width - 1).putShort(7, (short) (height - 1)).array();
  }

  private static byte[] chunk(String type, byte[] contents) {
    return ByteBuffer.allocate(8 + contents.length + (contents.length & 1))
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(type.getBytes(StandardCharsets.US_ASCII))
        .putInt(contents.length)
        .put(contents)
        .array();
  }

  private static byte[] riff(byte[]... chunks) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("WEBP".getBytes(StandardCharsets.US_ASCII));
    for (byte[] chunk : chunks) {
      body.writeBytes(chunk);
    }
    return chunk("RIFF", body.toByteArray());
  }

  /** Writes bits, the lowest first. */
  private static final class BitWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int bits;
    private int count;

    BitWriter put(int value, int width) {
      for (int i = 0; i < width; i++) {
        bits |= (value >> i & 1) << count++;
        if (count == 8) {
          out.write(bits);
          bits = 0;
          count = 0;
        }
      }
      return this;
    }

    /** A prefix code, whose highest bit comes first. */
    BitWriter reversed(int value, int width) {
      return put(Integer.reverse(value) >>> 32 - width, width);
    }

    byte[] bytes() {
      out.write(bits);
      return out.toByteArray();
    }
  }
}
