package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked at a terminal before a download, and what is shown of it. */
class DownloadQuestionTest {
  private static ByteArrayInputStream typed(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "y, true",
    "Y, true",
    "yes, true",
    "' YES ', true",
    "n, false",
    "'', false",
    "no, false",
    "yes please, false",
    "download, false"
  })
  void onlyAYesIsAYes(String answer, boolean expected) throws IOException {
    StringWriter shown = new StringWriter();
    PrintWriter err = new PrintWriter(shown);
    assertThat(DownloadQuestion.agreed("owner/name", typed(answer + "\n"), err))
        .isEqualTo(expected);
    assertThat(DownloadQuestion.agreed("owner/name", typed(answer), err)).isEqualTo(expected);
    assertThat(shown.toString())
        .startsWith(
            "owner/name is not on this machine. Download it from the Hugging Face Hub? [y/N] ");
  }

  /** Standard input may hold a conversation or requests after the answer. */
  @Test
  void whatIsTypedAheadStays() throws IOException {
    ByteArrayInputStream in = typed("y\r\nwhat is it?\n");
    assertThat(DownloadQuestion.agreed("a/b", in, new PrintWriter(new StringWriter()))).isTrue();
    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("what is it?\n");
  }

  @Test
  void nobodyIsAskedWithoutATerminal() {
    assertThat(DownloadQuestion.possible(new PrintWriter(new StringWriter()))).isFalse();
  }

  /** Files that come beside each other are one line, and one that starts again is counted once. */
  @Test
  void allFilesAreOneBar() {
    StringWriter shown = new StringWriter();
    AtomicLong now = new AtomicLong();
    try (LoadingBar bar =
        new LoadingBar(
            ProgressBar.on(new TerminalWriter(shown, false), now::get), new PrintWriter(shown))) {
      bar.downloading("a", 0, 3_000_000);
      bar.downloading("b", 500_000, 1_000_000);
      now.set(1_000_000_000);
      bar.downloading("a", 1_500_000, 3_000_000);
      assertThat(Screens.lastLine(shown.toString()))
          .startsWith("downloading [")
          .contains(" 50 %  2.0/4.0 MB");
      now.set(2_000_000_000);
      bar.downloading("a", 500_000, 3_000_000);
      assertThat(Screens.lastLine(shown.toString())).contains(" 25 %  1.0/4.0 MB");
      now.set(3_000_000_000L);
      bar.progress("vision", 1_000_000, 2_000_000);
      assertThat(Screens.lastLine(shown.toString())).startsWith("loading vision [");
    }
  }
}
