package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalColumnsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "'24 80\n', 80",
    "'50 132', 132",
    "'0 0\n', 0",
    "'', 0",
    "'24', 0",
    "'stty: standard input: Inappropriate ioctl for device', 0",
    "'24 99999999999', 0"
  })
  void sttySaysRowsAndColumns(String said, int expected) {
    assertThat(TerminalColumns.columns(said)).isEqualTo(expected);
  }

  @Test
  void ofWhatIsNoTerminalNobodyKnows() throws Exception {
    File file = Files.createFile(folder.resolve("file")).toFile();
    assertThat(TerminalColumns.of(file)).isZero();
    assertThat(TerminalColumns.of(folder.resolve("absent").toFile())).isZero();
  }
}
