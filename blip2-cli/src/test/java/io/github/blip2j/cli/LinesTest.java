package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of standard input in every encoding that says its name, however they end. */
class LinesTest {
  private static final long ENOUGH = 1000;

  private static List<String> all(Lines lines) throws IOException {
    List<String> all = new ArrayList<>();
    for (String line = lines.next(); line != null; line = lines.next()) {
      all.add(line);
    }
    assertThat(lines.next()).as("behind the last").isNull();
    return all;
  }

  private static Lines of(byte... bytes) {
    return new Lines(new ByteArrayInputStream(bytes), ENOUGH);
  }

  private static Lines of(String text, Charset charset) {
    return of(text.getBytes(charset));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a\n",
        "a\nb",
        "a\r\nb\r\n",
        "a\rb\r",
        "\n\n",
        "\r\n\r",
        "\r\r\n\n",
        "a\n\r b"
      })
  void linesEndAsReadersOfTextHaveThem(String text) throws IOException {
    List<String> expected = new BufferedReader(new StringReader(text)).lines().toList();
    assertThat(all(of(text, StandardCharsets.UTF_8))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"UTF-8", "UTF-16BE", "UTF-16LE"})
  void aMarkSaysTheEncodingAndIsNoPartOfTheLine(String name) throws IOException {
    String text = "caf\u00e9 \ud83d\ude00\nsecond";
    assertThat(all(of("\ufeff" + text, Charset.forName(name))))
        .containsExactly("caf\u00e9 \ud83d\ude00", "second");
  }

  @Test
  void withoutAMarkItIsUtf8() throws IOException {
    assertThat(all(of("caf\u00e9", StandardCharsets.UTF_8))).containsExactly("caf\u00e9");
    assertThat(all(of((byte) 0xe9, (byte) 'x'))).containsExactly("\ufffdx");
  }

  /** What begins like a mark, and is none, is text. */
  @Test
  void halfAMarkIsText() throws IOException {
    assertThat(all(of((byte) 0xef, (byte) 0xbb))).containsExactly("\ufffd");
    assertThat(all(of((byte) 0xef, (byte) 0xbc, (byte) 0x81))).containsExactly("\uff01");
    assertThat(all(of((byte) 0xfe))).containsExactly("\ufffd");
    assertThat(all(of((byte) 0xfe, (byte) 'a'))).containsExactly("\ufffda");
  }

  @Test
  void anInputThatCannotBeReadIsNamed() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("of the device");
          }

          @Override
          public int available() throws IOException {
            throw new IOException("of the device");
          }
        };
    Lines lines = new Lines(broken);
    assertThatThrownBy(lines::next).hasMessage("standard input: of the device");
    assertThatThrownBy(lines::ready).hasMessage("standard input: of the device");
  }
}
