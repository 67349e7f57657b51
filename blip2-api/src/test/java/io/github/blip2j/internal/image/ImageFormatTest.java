package io.github.blip2j.internal.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Formats are told apart by their first bytes. */
class ImageFormatTest {
  @ParameterizedTest
  @CsvSource({
    "ffd8ff,JPEG",
    "ffd8ffe000104a464946,JPEG",
    "89504e470d0a1a0a,PNG",
    "474946383961,GIF",
    "474946383761,GIF",
    "424d,BMP",
    "424d00000000,BMP",
    "52494646ffffffff57454250,WEBP",
    "49492a00,TIFF",
    "4d4d002a,TIFF",
    "49492b00,TIFF",
    "4d4d2a00,TIFF",
    "4949002a,TIFF"
  })
  void eachHasItsSignature(String digits, ImageFormat format) {
    byte[] start = HexFormat.of().parseHex(digits);
    assertThat(ImageFormat.of(start)).contains(format);
    assertThat(ImageFormat.of(Arrays.copyOf(start, 100))).contains(format);
    byte[] cut = Arrays.copyOf(start, signature(format) - 1);
    assertThat(ImageFormat.of(cut)).as("a byte too few").isEmpty();
  }

  private static int signature(ImageFormat format) {
    return switch (format) {
      case JPEG -> 3;
      case PNG -> 8;
      case GIF -> 6;
      case BMP -> 2;
      case WEBP -> 12;
      case TIFF -> 4;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000",
        "GIF88a",
        "RIFF....WAVE",
        "II+*",
        "MM\0+",
        "BP",
        "\u0089PNG\n",
        "<svg",
        "\u00ff\u00d8"
      })
  void othersAreNone(String start) {
    assertThat(ImageFormat.of(start.getBytes(StandardCharsets.ISO_8859_1))).isEmpty();
  }
}
