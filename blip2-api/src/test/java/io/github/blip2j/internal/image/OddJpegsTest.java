package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.UnreadableImageException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * JPEG files of every kind that libjpeg reads, and some that it refuses. The hashes are of the
 * pixels that Pillow 12.3 sees; tools/fixtures/make_odd_jpegs.py makes both.
 */
class OddJpegsTest {
  static Stream<String> files() {
    return new String(Pictures.bytes("jpegs/hashes.txt"), StandardCharsets.US_ASCII).lines();
  }

  @Test
  void thereAreMany() {
    assertThat(files().filter(line -> !line.endsWith(" refused"))).hasSizeGreaterThan(170);
    assertThat(files().filter(line -> line.endsWith(" refused"))).hasSizeGreaterThan(25);
  }

  @ParameterizedTest
  @MethodSource("files")
  void isReadAsPillowReadsIt(String line) throws NoSuchAlgorithmException {
    String[] words = line.split(" ");
    byte[] file = Pictures.bytes("jpegs/" + words[0]);
    if (words[1].equals("refused")) {
      assertThatThrownBy(() -> Pictures.read(file)).isInstanceOf(UnreadableImageException.class);
      return;
    }
    RgbImage found = Pictures.read(file);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(found.rgb());
    assertThat(found.width() + " " + found.height() + " " + HexFormat.of().formatHex(hash))
        .as(words[0])
        .isEqualTo(words[1] + " " + words[2] + " " + words[3]);
  }
}
