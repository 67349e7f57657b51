package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A user at a terminal, whose keys the test presses. */
class TerminalQuestionsTest {
  private static final String INTERRUPT = "\u0003"; // Ctrl-C
  private static final String END = "\u0004"; // Ctrl-D
  private static final String UP = "\u001bOA"; // as a terminal sends it while a line is edited
  private static final String BACKSPACE = "\u007f";
  private static final String TAB = "\t";
  private static final String ENTER = "\r";

  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private LineDisciplineTerminal terminal;
  private TerminalQuestions questions;
  private int prompts;

  @BeforeEach
  void open() throws IOException {
    terminal =
        new LineDisciplineTerminal(
            "test", "xterm", shown, StandardCharsets.UTF_8, Terminal.SignalHandler.SIG_IGN);
    questions = new TerminalQuestions(terminal, "ask> ", "/history", "/quit");
  }

  @AfterEach
  void close() throws IOException {
    questions.close();
  }

  private int promptsShown() {
    return shown.toString(StandardCharsets.UTF_8).split("ask> ", -1).length - 1;
  }

  /** Waits until the terminal asks once more, and presses keys then. */
  private void press(String keys) throws Exception {
    while (promptsShown() <= prompts) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    prompts = promptsShown();
    terminal.processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
  }

  private CompletableFuture<List<String>> asked(int lines) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<String> read = new ArrayList<>();
          for (int i = 0; i < lines; i++) {
            read.add(String.valueOf(questions.next()));
          }
          return read;
        });
  }

  @Test
  void linesAreEditedAndCalledBack() throws Exception {
    CompletableFuture<List<String>> read = asked(3);
    press("how mamy" + BACKSPACE + BACKSPACE + "ny cats!?" + ENTER);
    press(UP + " really" + ENTER);
    press("/hi" + TAB + ENTER);
    List<String> lines = read.get(1, TimeUnit.MINUTES);
    assertThat(lines).startsWith("how many cats!?", "how many cats!? really");
    assertThat(lines.get(2).strip()).isEqualTo("/history");
  }

  @Test
  void anInterruptDropsTheLineAndNotTheConversation() throws Exception {
    CompletableFuture<List<String>> read = asked(2);
    press("half a ques" + INTERRUPT);
    press("a whole one" + ENTER);
    press(END);
    assertThat(read.get(1, TimeUnit.MINUTES)).containsExactly("a whole one", "null");
  }

  @Test
  void anInterruptStopsAnAnswer() {
    List<String> happened = new ArrayList<>();
    questions.interruptibly(
        () -> {
          happened.add("answering");
          terminal.raise(Terminal.Signal.INT);
          happened.add("answered");
        },
        () -> happened.add("stopped"));
    assertThat(happened).containsExactly("answering", "stopped", "answered");
    terminal.raise(Terminal.Signal.INT); // nothing is answered any more
    assertThat(happened).hasSize(3);
  }

  /** The user may be quicker than the answer is begun. */
  @Test
  void anInterruptThatComesEarlyStopsTheAnswerToo() throws Exception {
    CompletableFuture<List<String>> read = asked(1);
    press("what?" + ENTER);
    read.get(1, TimeUnit.MINUTES);
    terminal.raise(Terminal.Signal.INT);
    List<String> happened = new ArrayList<>();
    questions.interruptibly(() -> happened.add("answered"), () -> happened.add("stopped"));
    assertThat(happened).containsExactly("stopped", "answered");
    CompletableFuture<List<String>> next = asked(1);
    press("and?" + ENTER);
    next.get(1, TimeUnit.MINUTES);
    questions.interruptibly(() -> happened.add("next"), () -> happened.add("stopped"));
    assertThat(happened).endsWith("next").hasSize(3);
  }

  @Test
  void afterAFailureAnInterruptIsWhatItWas() {
    List<String> happened = new ArrayList<>();
    try {
      questions.interruptibly(
          () -> {
            throw new IllegalStateException("the answer failed");
          },
          () -> happened.add("stopped"));
    } catch (IllegalStateException e) {
      happened.add(String.valueOf(e.getMessage()));
    }
    terminal.raise(Terminal.Signal.INT);
    assertThat(happened).containsExactly("the answer failed");
  }
}
