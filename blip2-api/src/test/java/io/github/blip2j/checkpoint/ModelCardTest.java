package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cards as the Hub's models have them. */
class ModelCardTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ---;language: en;license: mit;tags:;- vision;---;# BLIP-2                   | mit
          ---;license: "apache-2.0";---                                                | apache-2.0
          ---;license: other;license_name: opt-175b;license_link: x;---;text          | opt-175b
          ---;license_name: opt-175b;license: other;---                               | opt-175b
          ---;language: en;---;license: mit                                           | unknown
          # A model;license: mit                                                       | unknown
          ---;license: see below, please;---                                          | unknown
          ---;license:;---                                                            | unknown
          """)
  void theLicenceStandsInFrontOfTheText(String lines, String licence) throws IOException {
    Files.writeString(folder.resolve("README.md"), lines.replace(";", "\n") + "\n");
    assertThat(ModelCard.licence(folder)).isEqualTo(licence);
  }

  @Test
  void withoutACardItIsUnknown() throws IOException {
    assertThat(ModelCard.licence(folder)).isEqualTo("unknown");
    Files.writeString(folder.resolve("README.md"), "");
    assertThat(ModelCard.licence(folder)).isEqualTo("unknown");
    Files.write(folder.resolve("README.md"), new byte[] {(byte) 0xff, (byte) 0xfe, 0x41});
    assertThat(ModelCard.licence(folder)).isEqualTo("unknown"); // not UTF-8
  }
}
