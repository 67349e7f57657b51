package io.github.blip2j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;

/**
 * Lines of a file or another program. An interrupt ends the process, as it does that of any other.
 */
record PipedQuestions(Lines lines, PrintWriter out, String prompt) implements Questions {
  @Override
  public @Nullable String next() throws IOException {
    out.print(prompt);
    out.flush();
    return lines.next();
  }

  @Override
  public void interruptibly(Runnable work, Runnable stop) {
    work.run();
  }

  @Override
  public void close() {}
}
