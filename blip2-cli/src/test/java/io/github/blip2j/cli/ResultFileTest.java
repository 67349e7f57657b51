package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultFileTest {
  private static final List<String> ROWS =
      List.of(
          "{\"image\":\"a.jpg\",\"prompt\":null,\"text\":\"a dog, and a cat\",\"score\":-1.5}",
          "{\"image\":\"b \\\"x\\\".jpg\",\"prompt\":\"a\\nb\",\"text\":\"\"}",
          "{\"image\":\"ü.jpg\",\"prompt\":null,\"text\":null,\"error\":\"cut\"}");

  @TempDir Path folder;

  /** The examples of RFC 4180, section 2, and ours. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "aaa | aaa",
        "b,bb | \"b,bb\"",
        "b\"bb | \"b\"\"bb\"",
        "'' | ''",
        "' x ' | ' x '",
        "'\n' | '\"\n\"'",
        "'a\r' | '\"a\r\"'",
        "=1+1 | =1+1"
      })
  void fieldsAreQuotedWhereTheyMustBe(String text, String field) {
    assertThat(ResultFile.field(text)).isEqualTo(field);
  }

  @Test
  void csvHasAHeadAndARecordForEachRow() {
    ResultFile file = ResultFile.named(folder.resolve("alt.CSV").toString());
    file.write(ROWS);
    assertThat(file.path())
        .hasContent(
            "image,prompt,text,error\r\n"
                + "a.jpg,,\"a dog, and a cat\",\r\n"
                + "\"b \"\"x\"\".jpg\",\"a\nb\",,\r\n"
                + "ü.jpg,,,cut\r\n");
  }

  @Test
  void jsonLinesAreTheRows() throws Exception {
    ResultFile file = ResultFile.named(folder.resolve("alt.jsonl").toString());
    file.write(ROWS);
    assertThat(Files.readAllLines(file.path())).isEqualTo(ROWS);
    assertThat(folder.toFile().list()).containsExactly("alt.jsonl");
  }

  @Test
  void nothingStaysOfAFileThatCannotBeWritten() throws Exception {
    ResultFile file = ResultFile.named(folder.resolve("alt.csv").toString());
    Files.createDirectories(file.path().resolve("in the way"));
    assertThatThrownBy(() -> file.write(ROWS))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith(file.path() + ": cannot be written: ");
  }

  @ParameterizedTest
  @CsvSource({"alt.txt, .csv or .jsonl", "alt, .csv or .jsonl", "none/alt.csv, a folder"})
  void otherFilesAreRefused(String name, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResultFile.named(folder.resolve(name).toString()))
        .withMessageContaining("--output: expected ")
        .withMessageContaining(expected)
        .withMessageContaining("found " + folder);
  }
}
