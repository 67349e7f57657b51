package io.github.blip2j.internal.image.webp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which chunks make a file, in which order, and what is read of them without decoding. */
class ContainerTest {
  private static final byte[] IMAGE = Riff.lossless(6, 4);
  private static final byte[] LOSSY = Riff.lossy(6, 4);
  private static final byte[] ANIM = new byte[6];

  private static String size(Riff file) throws IOException {
    WebpFile read = WebpFile.of(file.toBytes());
    return read.width() + "x" + read.height();
  }

  private static void refused(Riff file, String reason) {
    assertThatThrownBy(() -> WebpFile.of(file.toBytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(reason);
  }

  private static Riff canvas(int flags) {
    return new Riff().canvas(flags, 6, 4);
  }

  private static Riff animation() {
    return new Riff().canvas(Riff.ANIMATION, 20, 10).with("ANIM", ANIM);
  }

  @Test
  void anImageAloneHasItsOwnSize() throws IOException {
    assertThat(size(new Riff().with("VP8L", Riff.lossless(16_384, 1)))).isEqualTo("16384x1");
    assertThat(size(new Riff().with("VP8 ", Riff.lossy(1, 16_383)))).isEqualTo("1x16383");
    assertThat(size(new Riff().with("VP8L", IMAGE).with("JUNK", IMAGE))).isEqualTo("6x4");
  }

  @Test
  void anImageOnACanvasHasTheCanvassSize() throws IOException {
    assertThat(size(canvas(0).with("VP8L", IMAGE))).isEqualTo("6x4");
    assertThat(size(canvas(0).with("JUNK", IMAGE).with("VP8 ", LOSSY))).isEqualTo("6x4");
    refused(canvas(0).with("VP8L", Riff.lossless(5, 4)), "expected an image of 6x4, found 5x4");
    refused(canvas(0).with("VP8L", IMAGE).with("VP8L", IMAGE), "one image or an animation");
    refused(canvas(0).with("JUNK", IMAGE), "expected an image, found none");
    refused(new Riff().with("JUNK", IMAGE), "expected an image, found none");
    refused(canvas(0).canvas(0, 6, 4), "expected one VP8X chunk, found two");
    refused(new Riff().with("VP8X", new byte[9]), "VP8X: expected 10 bytes, found 9");
  }

  @ParameterizedTest
  @ValueSource(ints = {0x40, 0x80, 0x01})
  void flagsThatNobodyKnowsAreRefused(int flag) {
    refused(canvas(flag).with("VP8L", IMAGE), "VP8X: expected known flags");
  }

  @Test
  void aCanvasHasFewerThanTwoToThe32ndPixels() {
    refused(new Riff().canvas(0, 1 << 16, 1 << 16).with("VP8L", IMAGE), "below 2^32 pixels");
  }

  @Test
  void alphaStandsInFrontOfALossyImage() throws IOException {
    assertThat(size(canvas(Riff.ALPHA).with("ALPH", (byte) 1).with("VP8 ", LOSSY)))
        .isEqualTo("6x4");
    assertThat(size(canvas(0).with("VP8 ", LOSSY).with("ALPH", (byte) 1)))
        .as("without its flag it does not count")
        .isEqualTo("6x4");
    refused(canvas(Riff.ALPHA).with("VP8 ", LOSSY).with("ALPH", (byte) 1), "found it behind");
    refused(canvas(Riff.ALPHA).with("ALPH", (byte) 1).with("VP8L", IMAGE), "found VP8L");
    refused(canvas(Riff.ALPHA).with("ALPH", (byte) 1), "expected an image behind ALPH, found none");
  }

  @Test
  void theFirstFrameOfAnAnimationLiesOnItsCanvas() throws IOException {
    byte[] image = Riff.chunk("VP8L", IMAGE);
    assertThat(size(animation().frame(14, 6, image).frame(0, 0, image))).isEqualTo("20x10");
    refused(animation().frame(16, 6, image), "inside 20x10, found 6x4 at 16, 6");
    refused(animation().frame(14, 8, image), "at 14, 8");
    refused(animation().frame(0, 0, image).frame(14, 8, image), "at 14, 8");
    refused(animation().with("VP8L", IMAGE), "expected one image or an animation, found more");
  }

  @Test
  void framesNeedTheirHeaderAndTheirFlag() {
    byte[] image = Riff.chunk("VP8L", IMAGE);
    Riff headless = new Riff().canvas(Riff.ANIMATION, 20, 10).frame(0, 0, image);
    refused(headless, "ANMF: expected an ANIM chunk");
    Riff flagless = new Riff().canvas(0, 20, 10).with("ANIM", ANIM).frame(0, 0, image);
    refused(flagless, "expected an image, found none");
    refused(animation().with("ANMF", new byte[15]), "and 16 bytes, found 15");
    refused(new Riff().canvas(Riff.ANIMATION, 6, 4).with("ANIM", new byte[5]), "ANIM: expected 6");
    refused(animation().frame(0, 0, new byte[0]), "expected an image, found none");
  }

  /** A frame's image may not go on behind the frame. */
  @Test
  void anImageEndsInItsFrame() {
    byte[] image = Riff.chunk("VP8L", new byte[] {0x2f, 5, 0, 1, 0, 0, 0, 0});
    byte[] longer = image.clone();
    ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN).putInt(4, 16);
    refused(animation().frame(0, 0, longer).with("JUNK", new byte[40]), "found a longer one");
  }

  @Test
  void metadataAreReadWhereTheirFlagIsSet() {
    Riff both = canvas(Riff.EXIF | Riff.XMP).with("VP8L", IMAGE);
    byte[] file = both.with("EXIF", new byte[] {1, 2, 3}).with("XMP ", (byte) 4).toBytes();
    assertThat(WebpFile.exif(file)).containsExactly(1, 2, 3);
    assertThat(WebpFile.xmp(file)).containsExactly(4);
    Riff twice = canvas(Riff.EXIF).with("EXIF", (byte) 5).with("VP8L", IMAGE);
    assertThat(WebpFile.exif(twice.with("EXIF", (byte) 6).toBytes()))
        .as("the first of two")
        .containsExactly(5);
    byte[] flagless = canvas(Riff.XMP).with("VP8L", IMAGE).with("EXIF", (byte) 5).toBytes();
    assertThat(WebpFile.exif(flagless)).isEmpty();
    assertThat(WebpFile.xmp(flagless)).isEmpty();
    assertThat(WebpFile.exif(Arrays.copyOf(file, file.length - 9))).as("no whole file").isEmpty();
  }

  @Test
  void sizesThatLieAreRefused() throws IOException {
    byte[] whole = canvas(0).with("VP8L", IMAGE).toBytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> WebpFile.of(cut)).isInstanceOf(IOException.class);
    }
    assertThat(WebpFile.of(Arrays.copyOf(whole, whole.length + 9)).width())
        .as("what stands behind the file")
        .isEqualTo(6);
    ByteBuffer bytes = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int chunk = 12 + 18 + 4; // the size of the image's chunk
    for (int size : new int[] {7, 8, Integer.MAX_VALUE, -1, -2}) {
      bytes.putInt(chunk, size);
      assertThatThrownBy(() -> WebpFile.of(whole)).hasMessageContaining("chunk 5650384c");
    }
    bytes.putInt(chunk, 5).putInt(4, whole.length - 10);
    assertThatThrownBy(() -> WebpFile.of(whole))
        .as("the file ends in the chunk")
        .isInstanceOf(IOException.class);
  }

  @Test
  void headersOfImagesAreChecked() {
    byte[] version = IMAGE.clone();
    version[4] |= (byte) 0x20;
    refused(new Riff().with("VP8L", version), "expected version 0, found 1");
    refused(new Riff().with("VP8L", new byte[5]), "a header that begins with 2f");
    refused(new Riff().with("VP8L", (byte) 0x2f, (byte) 0, (byte) 0), "begins with 2f");
    for (int bits : new int[] {0x11, 0x18, 0x00, 0x10 | 10 << 5}) { // inter, profile 4, hidden
      byte[] lossy = LOSSY.clone();
      lossy[0] = (byte) bits;
      lossy[1] = (byte) (bits >> 8);
      refused(new Riff().with("VP8 ", lossy), "VP8 image: expected");
    }
    refused(new Riff().with("VP8 ", Riff.lossy(0, 4)), "expected a size");
    byte[] code = LOSSY.clone();
    code[4] = 2;
    refused(new Riff().with("VP8 ", code), "a header with the code 9d012a");
  }
}
