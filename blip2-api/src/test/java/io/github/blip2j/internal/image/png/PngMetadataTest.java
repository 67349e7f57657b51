package io.github.blip2j.internal.image.png;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** EXIF and XMP wherever a PNG has them, and nothing where they are damaged. */
class PngMetadataTest {
  private static final byte[] BLOCK = {'I', 'I', 42, 0, 1, 2, (byte) 0xfe};
  private static final String PACKET = "<x:xmpmeta/>";
  private static final String XMP = "XML:com.adobe.xmp";
  private static final String PROFILE = "Raw profile type exif";
  private static final int MEBIBYTE = 1 << 20;

  /** What ImageMagick writes: a name, a length, and the block in hexadecimal digits. */
  private static final String DIGITS = "\nexif\n       7\n49492a00\n0102FE\n";

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] text(String front, byte[] behind) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(latin(front));
    out.writeBytes(behind);
    return out.toByteArray();
  }

  private static byte[] exif(PngChunks chunks) {
    return PngDecoder.exif(chunks.toBytes());
  }

  private static String xmp(PngChunks chunks) {
    return new String(PngDecoder.xmp(chunks.toBytes()), StandardCharsets.ISO_8859_1);
  }

  private static PngChunks chunks() {
    return new PngChunks().header(1, 1, 8, 0);
  }

  @Test
  void aBlockIsAChunkOfItsOwnOrAText() {
    assertThat(exif(chunks().with("eXIf", BLOCK))).isEqualTo(BLOCK);
    assertThat(exif(chunks().with("tEXt", text("exif\0", BLOCK)))).isEqualTo(BLOCK);
    assertThat(exif(chunks())).isEmpty();
    assertThat(exif(chunks().with("tEXt", latin("exif")))).as("a key alone").isEmpty();
    assertThat(exif(chunks().with("iTXt", text("exif\0", BLOCK)))).as("another kind").isEmpty();
  }

  @Test
  void aProfileIsInHexadecimalDigits() {
    byte[] packed = PngChunks.deflated(latin(DIGITS));
    assertThat(exif(chunks().with("tEXt", text(PROFILE + "\0", latin(DIGITS))))).isEqualTo(BLOCK);
    assertThat(exif(chunks().with("zTXt", text(PROFILE + "\0\0", packed)))).isEqualTo(BLOCK);
    assertThat(exif(chunks().with("iTXt", text(PROFILE + "\0\1\0en\0key\0", packed))))
        .isEqualTo(BLOCK);
    PngChunks both = chunks().with("tEXt", text(PROFILE + "\0", latin(DIGITS)));
    assertThat(exif(both.with("eXIf", (byte) 7))).as("a block comes first").containsExactly(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\nexif\n7\n", "\nexif\n7\n4", "\nexif\n7\n4x", "\nexif 7 49", "49"})
  void aProfileThatIsNoneIsNothing(String digits) {
    assertThat(exif(chunks().with("tEXt", text(PROFILE + "\0", latin(digits))))).isEmpty();
  }

  @Test
  void aPacketIsATextOfAnyKind() {
    byte[] packed = PngChunks.deflated(latin(PACKET));
    assertThat(xmp(chunks().with("iTXt", latin(XMP + "\0\0\0en\0key\0" + PACKET))))
        .isEqualTo(PACKET);
    assertThat(xmp(chunks().with("iTXt", text(XMP + "\0\1\0\0\0", packed)))).isEqualTo(PACKET);
    assertThat(xmp(chunks().with("zTXt", text(XMP + "\0\0", packed)))).isEqualTo(PACKET);
    assertThat(xmp(chunks().with("tEXt", latin(XMP + "\0" + PACKET)))).isEqualTo(PACKET);
    assertThat(xmp(chunks().with("tEXt", latin("XML:other\0" + PACKET)))).isEmpty();
  }

  /** Texts that end in the middle of what stands before their value. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\0", "\0\0", "\0\0\0", "\0\0\0en", "\0\0\0en\0", "\0\0\0en\0key"})
  void textsThatAreCutAreNothing(String rest) {
    assertThat(xmp(chunks().with("iTXt", latin(XMP + rest)))).isEmpty();
    assertThat(xmp(chunks().with("zTXt", latin(XMP + rest)))).isEmpty();
  }

  @Test
  void chunksAreLookedAtBehindTheImageAndBeforeTheEnd() {
    PngChunks late = chunks().with("IDAT", (byte) 0).with("eXIf", BLOCK);
    assertThat(exif(late)).isEqualTo(BLOCK);
    assertThat(exif(chunks().with("IEND").with("eXIf", BLOCK))).isEmpty();
    assertThat(exif(chunks().with("eXIf", (byte) 1).with("eXIf", (byte) 2)))
        .as("the last of two")
        .containsExactly(2);
  }

  /** What was found before the damage stays. */
  @Test
  void damageEndsTheFile() {
    byte[] whole = chunks().with("eXIf", BLOCK).with("tEXt", latin(XMP + "\0" + PACKET)).toBytes();
    for (int length = 8; length <= whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThat(PngDecoder.exif(cut).length).isIn(0, BLOCK.length);
      assertThat(PngDecoder.xmp(cut).length).isIn(0, PACKET.length());
    }
    PngChunks damaged = chunks().with("zTXt", latin(XMP + "\0\0no zlib")).with("eXIf", BLOCK);
    assertThat(exif(damaged)).isEmpty();
    assertThat(exif(chunks().with("eXIf", BLOCK).with("zTXt", latin(XMP + "\0\0no zlib"))))
        .isEqualTo(BLOCK);
  }

  @Test
  void aPackedTextIsUnpackedUpToAMebibyte() {
    byte[] packed = PngChunks.deflated(new byte[2 * MEBIBYTE]);
    assertThat(xmp(chunks().with("zTXt", text(XMP + "\0\0", packed)))).hasSize(MEBIBYTE);
  }
}
