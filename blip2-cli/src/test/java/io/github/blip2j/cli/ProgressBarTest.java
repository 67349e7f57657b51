package io.github.blip2j.cli;

import static io.github.blip2j.cli.ProgressBar.Unit.BYTES;
import static io.github.blip2j.cli.ProgressBar.Unit.ITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the bar shows, by a clock that the test moves. */
class ProgressBarTest {
  private final StringWriter shown = new StringWriter();
  private final TerminalWriter terminal = new TerminalWriter(shown, false);
  private long now;
  private final ProgressBar bar = ProgressBar.on(terminal, () -> now);

  private void at(double seconds) {
    now = (long) (seconds * 1e9);
  }

  /** What stands on the terminal's last line, as a terminal would show it. */
  private String line() {
    return Screens.lastLine(shown.toString());
  }

  @Test
  void bytesHaveShareAmountRateAndTimeLeft() {
    bar.update("loading vision", 0, 4_000_000_000L, BYTES);
    at(2);
    bar.update("loading vision", 1_000_000_000L, 4_000_000_000L, BYTES);
    assertThat(line())
        .isEqualTo("loading vision [====>           ]   25 %  1.00/4.00 GB  500.0 MB/s  0:06 left");
    at(8);
    bar.update("loading vision", 4_000_000_000L, 4_000_000_000L, BYTES);
    assertThat(line())
        .isEqualTo("loading vision [========================]  100 %  4.00/4.00 GB  500.0 MB/s");
  }

  @Test
  void itemsAreCountedAndSlowOnesHaveTheirTime() {
    bar.update("captions", 0, 500, ITEMS);
    at(10);
    bar.update("captions", 20, 500, ITEMS);
    assertThat(line())
        .isEqualTo("captions [>                       ]    4 %  20/500  2.0/s  4:00 left");
    at(100);
    bar.update("answers", 0, 3, ITEMS);
    at(104);
    bar.update("answers", 1, 3, ITEMS);
    assertThat(line())
        .isEqualTo("answers [========>               ]   33 %  1/3  4.0 s each  0:08 left");
  }

  @Test
  void withoutATotalTimePasses() {
    bar.update("requests", 0, 0, ITEMS);
    at(3725);
    bar.update("requests", 7450, 0, ITEMS);
    assertThat(line()).isEqualTo("requests  7450  2.0/s  1:02:05");
  }

  /** What was there before the first call took no time that counts. */
  @Test
  void whatIsResumedCountsForNoRate() {
    bar.update("download", 900_000_000, 1_000_000_000, BYTES);
    at(1);
    bar.update("download", 910_000_000, 1_000_000_000, BYTES);
    assertThat(line()).contains(" 91 %", "0.91/1.00 GB", "10.0 MB/s").endsWith("0:09 left");
  }

  @Test
  void aRateIsThatOfTheLastSeconds() {
    for (int second = 0; second <= 60; second++) {
      at(second);
      bar.update("captions", second <= 30 ? 10L * second : 300 + 2L * (second - 30), 1000, ITEMS);
    }
    assertThat(line()).contains("360/1000  2.0/s").endsWith("5:20 left");
  }

  @Test
  void workThatIsSoonDoneIsNotShown() {
    for (int i = 0; i < 4; i++) {
      at(i / 10.0);
      bar.update("loading stage" + i, 1, 1, BYTES);
    }
    bar.close();
    assertThat(shown.toString()).isEmpty();
  }

  @Test
  void atMostTenLinesASecondAreShown() {
    for (int i = 0; i <= 2000; i++) {
      at(i / 1000.0);
      bar.update("captions", i, 2000, ITEMS);
    }
    assertThat(shown.toString().split("captions", -1)).hasSizeBetween(15, 18);
  }

  @Test
  void noLineIsLongerThanATerminal() {
    String path = "models--Salesforce--blip2-opt-2.7b/model-00001-of-00002.safetensors";
    for (int second = 1; second < 400; second += 7) {
      at(second);
      bar.update(path, 37_000_000L * second, 15_500_000_000L, BYTES);
      assertThat(line()).hasSizeLessThanOrEqualTo(77).contains("models--Salesf...");
    }
    at(500);
    bar.update("", 3, 10, ITEMS);
    assertThat(line()).contains("3/10");
  }

  /** What says least goes first; the share stays, and so does the name as far as there is room. */
  @ParameterizedTest
  @CsvSource({
    "160, 'loading language model [======>                 ]   25 %  1.00/4.00 GB  500.0 MB/s"
        + "  0:06 left'",
    "80, 'loading language model [==>     ]   25 %  1.00/4.00 GB  500.0 MB/s  0:06 left'",
    "60, 'loading language model   25 %  1.00/4.00 GB  0:06 left'",
    "40, 'loading...e model   25 %  0:06 left'",
    "24, 'loa...del   25 %'",
    "1, 'lo...el   25 %'"
  })
  void aNarrowTerminalShowsLess(int columns, String expected) {
    TerminalWriter narrow = new TerminalWriter(shown, false, () -> columns);
    ProgressBar there = ProgressBar.on(narrow, () -> now);
    there.update("loading language model", 0, 4_000_000_000L, BYTES);
    at(2);
    there.update("loading language model", 1_000_000_000L, 4_000_000_000L, BYTES);
    assertThat(line()).isEqualTo(expected);
  }

  /** A bar is as long as the terminal was when it was first shown; nobody asks at each line. */
  @Test
  void theWidthIsAskedForOnce() {
    AtomicInteger asked = new AtomicInteger();
    TerminalWriter counting = new TerminalWriter(shown, false, asked::incrementAndGet);
    ProgressBar there = ProgressBar.on(counting, () -> now);
    there.update("captions", 0, 2, ITEMS);
    assertThat(asked).as("before anything is shown").hasValue(0);
    for (int second = 1; second < 5; second++) {
      at(second);
      there.update("captions", 1, 2, ITEMS);
    }
    assertThat(asked).hasValue(1);
  }

  /** Amounts that make no sense, as of a file that grew, break nothing. */
  @Test
  void moreThanAllIsAll() {
    bar.update("file", 0, 10, ITEMS);
    at(1);
    bar.update("file", 20, 10, ITEMS);
    assertThat(line()).contains("100 %").contains("20/10").doesNotContain("left");
    at(2);
    bar.update("file", 5, 10, ITEMS); // begun anew
    assertThat(line()).contains("50 %");
  }

  @Test
  void closingTakesTheLineAwayAndPrintingStandsAboveIt() {
    at(1);
    bar.update("captions", 1, 2, ITEMS);
    terminal.println("blip2: a.png: cannot be read");
    assertThat(line()).isEmpty();
    at(2);
    bar.update("captions", 2, 2, ITEMS);
    assertThat(line()).startsWith("captions");
    bar.close();
    assertThat(Screens.lines(shown.toString())).containsExactly("blip2: a.png: cannot be read", "");
    assertThat(shown.toString()).doesNotContain("\u001b");
  }

  @Test
  void nothingIsShownWhereThereIsNoTerminal() {
    StringWriter file = new StringWriter();
    try (ProgressBar quiet = ProgressBar.on(new PrintWriter(file), () -> now)) {
      for (int second : List.of(0, 1, 60)) {
        at(second);
        quiet.update("captions", second, 60, ITEMS);
      }
    }
    assertThat(file.toString()).isEmpty();
  }

  @Test
  void manyThreadsMayTellAtOnce() {
    at(1);
    IntStream.range(0, 10_000).parallel().forEach(i -> bar.update("file " + i % 4, i, 0, ITEMS));
    bar.close();
    assertThat(line()).isEmpty();
  }
}
