package io.github.blip2j.internal.image.png;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.internal.image.png.PngHeader.Box;
import io.github.blip2j.internal.image.png.PngHeader.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What chunks in front of the image data mean, and which of them refuse a file. */
class PngHeaderTest {
  private static final int GRAY = 0;
  private static final int RGB = 2;
  private static final int INDEXED = 3;
  private static final int MEBIBYTE = 1 << 20;

  private static PngChunks gray() {
    return new PngChunks().header(5, 4, 8, GRAY);
  }

  private static PngChunks indexed() {
    return new PngChunks().header(5, 4, 8, INDEXED);
  }

  private static void refused(PngChunks chunks, String reason) {
    assertThatThrownBy(chunks::read).isInstanceOf(IOException.class).hasMessageContaining(reason);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] with(String front, byte[] behind) {
    byte[] all = java.util.Arrays.copyOf(text(front), front.length() + behind.length);
    System.arraycopy(behind, 0, all, front.length(), behind.length);
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "1,0,GRAY1,1", "2,0,GRAY2,2", "4,0,GRAY4,4", "8,0,GRAY8,8", "16,0,GRAY16,16",
    "8,2,RGB8,24", "16,2,RGB16,48", "1,3,PALETTE1,1", "4,3,PALETTE4,4", "8,3,PALETTE8,8",
    "8,4,GRAY_ALPHA8,16", "16,4,GRAY_ALPHA16,32", "8,6,RGB_ALPHA8,32", "16,6,RGB_ALPHA16,64"
  })
  void depthAndColourAreAMode(int depth, int color, Mode mode, int bits) throws IOException {
    PngHeader header = new PngChunks().header(5, 4, depth, color).read();
    assertThat(header.mode()).isEqualTo(mode);
    assertThat(header.mode().bits()).isEqualTo(bits);
    assertThat(header.mode().isPalette()).isEqualTo(color == INDEXED);
    assertThat(new int[] {header.width(), header.height()}).containsExactly(5, 4);
    assertThat(header.box()).isEqualTo(new Box(0, 0, 5, 4));
  }

  @ParameterizedTest
  @CsvSource({"16,3", "3,0", "4,2", "8,1", "8,5", "8,7"})
  void otherDepthsAndColoursAreNone(int depth, int color) throws IOException {
    assertThat(new PngChunks().header(5, 4, depth, color).read().mode()).isEqualTo(Mode.NONE);
  }

  @Test
  void interlacingAndTheFilterCategoryAreRead() throws IOException {
    byte[] size = PngChunks.big(5, 4);
    assertThat(gray().read().interlaced()).isFalse();
    assertThat(
            new PngChunks()
                .with("IHDR", PngChunks.joined(size, 8, GRAY, 0, 0, 1))
                .read()
                .interlaced())
        .isTrue();
    refused(
        new PngChunks().with("IHDR", PngChunks.joined(size, 8, GRAY, 0, 64, 0)),
        "filter category 64");
  }

  @ParameterizedTest
  @CsvSource({"IHDR,12", "gAMA,3", "sRGB,0", "pHYs,8", "acTL,7", "fcTL,25"})
  void chunksThatAreTooShortAreRefused(String type, int length) {
    refused(gray().with(type, new byte[length]), type + " chunk of " + length + " bytes");
  }

  @Test
  void chromaticitiesAreWholeNumbersOfFourBytes() throws IOException {
    gray().with("cHRM", new byte[32]).read();
    refused(gray().with("cHRM", new byte[31]), "cHRM chunk of 31 bytes");
  }

  @Test
  void aPaletteBelongsToIndexedImagesOnly() throws IOException {
    assertThat(indexed().with("PLTE", 1, 2, 3, 4, 5, 6).read().palette())
        .containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(gray().with("PLTE", 1, 2, 3).read().palette()).isEmpty();
    indexed().with("PLTE", new byte[3 * 256 + 2]).read().checkPalette();
    PngHeader large = indexed().with("PLTE", new byte[3 * 257]).read();
    assertThatThrownBy(large::checkPalette).hasMessage("a palette of more than 256 colours");
  }

  /** One index that is clear, all others opaque, is what Pillow needs the palette for. */
  @ParameterizedTest
  @CsvSource({"0,255,true", "255,0,true", "0,0,false", "0,7,false", "255,255,false"})
  void transparencyOfOneIndexNeedsAPalette(int first, int second, boolean refused)
      throws IOException {
    PngHeader header = indexed().with("tRNS", first, second).read();
    if (refused) {
      assertThatThrownBy(header::checkPalette).hasMessage("transparency without a palette");
    } else {
      header.checkPalette();
    }
    indexed().with("PLTE", 1, 2, 3).with("tRNS", first, second).read().checkPalette();
  }

  @Test
  void transparencyOfColoursHasTheirSize() throws IOException {
    gray().with("tRNS", 0, 1).read();
    refused(gray().with("tRNS", 0), "tRNS chunk of 1 bytes");
    refused(new PngChunks().header(5, 4, 8, RGB).with("tRNS", new byte[5]), "tRNS chunk of 5");
    new PngChunks().header(5, 4, 8, 6).with("tRNS").read();
  }

  @Test
  void aFrameLiesInTheImageAndFramesAreCountedUp() throws IOException {
    PngHeader header = gray().integers("acTL", 2, 0).frame(0, 2, 3, 3, 1).read();
    assertThat(header.box()).isEqualTo(new Box(3, 1, 2, 3));
    assertThat(header.sequence()).isZero();
    assertThat(header.animated()).isTrue();
    refused(gray().frame(0, 3, 3, 3, 1), "sticks out");
    refused(gray().frame(0, 2, 3, 3, 2), "sticks out");
    refused(gray().frame(0, 2, 3, -1, 1), "sticks out"); // 4294967295
    refused(gray().frame(1, 2, 3, 0, 0), "frame number 1 behind -1");
    refused(gray().frame(0, 2, 3, 0, 0).frame(0, 2, 3, 0, 0), "frame number 0 behind 0");
    refused(gray().frame(0, 2, 3, 0, 0).with("fdAT", 0, 0, 0), "fdAT chunk cut short");
    assertThat(gray().frame(0, 2, 3, 0, 0).integers("fdAT", 1).read().sequence()).isEqualTo(1);
  }

  /** The image itself is a frame too, unless a frame's chunk stands before it. */
  @Test
  void oneFrameIsNoAnimation() throws IOException {
    assertThat(gray().read().animated()).isFalse();
    assertThat(gray().integers("acTL", 1, 0).read().animated()).isTrue();
    assertThat(gray().integers("acTL", 1, 0).frame(0, 2, 3, 0, 0).read().animated()).isFalse();
    assertThat(gray().integers("acTL", 0, 0).read().animated()).isFalse();
    assertThat(gray().integers("acTL", -1, 0).read().animated()).as("2^32 - 1").isFalse();
    assertThat(gray().integers("acTL", 3, 0).integers("acTL", 3, 0).read().animated())
        .as("a second count takes the first back")
        .isFalse();
  }

  @Test
  void goingBackReadsTheFramesAgain() throws IOException {
    PngHeader header = gray().frame(0, 2, 3, 0, 0).integers("fdAT", 1).read();
    header.restart(0);
    assertThat(header.sequence()).isZero();
  }

  @Test
  void compressedTextIsCountedAndBounded() throws IOException {
    byte[] most = PngChunks.deflated(new byte[MEBIBYTE]);
    gray().with("zTXt", with("key\0\0", most)).read();
    byte[] more = PngChunks.deflated(new byte[MEBIBYTE + 100_000]);
    refused(gray().with("zTXt", with("key\0\0", more)), "a compressed chunk of more than 1048576");
    refused(gray().with("iTXt", with("key\0\1\0en\0key\0", more)), "more than 1048576 bytes");
    refused(gray().with("iCCP", with("key\0\0", more)), "more than 1048576 bytes");
    refused(gray().with("zTXt", with("key\0\1", most)), "unknown compression");
    refused(gray().with("iCCP", with("key\0\1", most)), "unknown compression");
    refused(gray().with("iCCP", text("key")), "unknown compression");
    gray().with("zTXt", with("key\0\0", new byte[] {1, 2, 3})).read(); // damage is an end
    gray().with("iTXt", with("key\0\0\0en\0key\0", more)).read(); // it is plain text there
  }

  @Test
  void allTextTogetherIsBounded() throws IOException {
    byte[] most = with("key\0\0", PngChunks.deflated(new byte[MEBIBYTE]));
    PngChunks chunks = gray();
    for (int i = 0; i < 64; i++) {
      chunks.with(i % 2 == 0 ? "zTXt" : "iCCP", most);
    }
    chunks.read();
    refused(chunks.with("tEXt", text("key\0x")), "more than 67108864 bytes of text");
  }

  @Test
  void emptyTextsAreTexts() throws IOException {
    for (String type : new String[] {"tEXt", "zTXt", "iTXt"}) {
      gray().with(type).read();
      gray().with(type, text("key")).read();
      gray().with(type, text("key\0")).read();
    }
    gray().with("iTXt", text("key\0\0")).read();
    gray().with("iTXt", text("key\0\0\0en")).read();
  }

  @Test
  void aChunkIsAWordItsContentsAndTheirSum() throws IOException {
    byte[] data = PngChunks.joined(PngChunks.big(2), 'a', 'B', '3', '_', 7, 8);
    CRC32 sum = new CRC32();
    sum.update(data, 4, 6);
    byte[] whole = PngChunks.joined(data, 0, 0, 0, 0);
    System.arraycopy(PngChunks.big((int) sum.getValue()), 0, whole, 10, 4);
    PngChunk chunk = PngChunk.read(whole, 0).orElseThrow();
    assertThat(chunk).isEqualTo(new PngChunk("aB3_", 8, 2));
    assertThat(chunk.end()).isEqualTo(whole.length);
    chunk.checkSum(whole);
    whole[9] ^= 1;
    assertThatThrownBy(() -> chunk.checkSum(whole)).hasMessageContaining("wrong check sum");
    assertThatThrownBy(() -> chunk.checkSum(data)).hasMessageContaining("wrong check sum");
    assertThatThrownBy(() -> chunk.require(new byte[9], 0)).hasMessage("aB3_ chunk cut short");
    assertThat(PngChunk.read(whole, 7)).as("less than length and type").isEmpty();
    whole[5] = '-';
    assertThatThrownBy(() -> PngChunk.read(whole, 0)).hasMessageContaining("no word at byte 5");
  }

  /** A length of more than two thousand million is one, not a negative number. */
  @Test
  void lengthsAreUnsigned() throws IOException {
    byte[] data = PngChunks.joined(PngChunks.big(-2), 'I', 'D', 'A', 'T');
    PngChunk chunk = PngChunk.read(data, 0).orElseThrow();
    assertThat(chunk.length()).isEqualTo(0xffff_fffeL);
    assertThat(chunk.end()).isEqualTo(8 + 0xffff_fffeL + 4);
  }
}
