package io.github.blip2j.cli;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Lines that a user types and edits at a terminal, with those before it one key away. Ctrl-C drops
 * a line, or stops an answer; Ctrl-D ends the conversation.
 */
final class TerminalQuestions implements Questions {
  private final Terminal terminal;
  private final LineReader reader;
  private final String prompt;
  private final AtomicBoolean interrupted = new AtomicBoolean(); // since the last line was read
  private volatile Runnable stop = () -> {};

  /** On a terminal that is closed with this. */
  TerminalQuestions(Terminal terminal, String prompt, String... commands) {
    this.terminal = terminal;
    this.prompt = prompt;
    this.reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .completer(new StringsCompleter(commands))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true) // of "!" in a question
            .option(LineReader.Option.HISTORY_IGNORE_SPACE, true)
            .build();
    // While a line is edited the reader has its own; without one the process would end.
    terminal.handle(Terminal.Signal.INT, signal -> interrupt());
  }

  private void interrupt() {
    interrupted.set(true);
    stop.run();
  }

  /** On the terminal of this process. */
  static TerminalQuestions open(String prompt, String... commands) throws IOException {
    return new TerminalQuestions(
        TerminalBuilder.builder().system(true).dumb(true).nativeSignals(true).build(),
        prompt,
        commands);
  }

  @Override
  public @Nullable String next() {
    while (true) {
      try {
        String line = reader.readLine(prompt);
        interrupted.set(false);
        return line;
      } catch (UserInterruptException e) {
        // the line was dropped: here is an empty one
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public void interruptibly(Runnable work, Runnable stopping) {
    stop = stopping;
    try {
      if (interrupted.get()) { // before there was anything to stop
        stopping.run();
      }
      work.run();
    } finally {
      stop = () -> {};
    }
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
