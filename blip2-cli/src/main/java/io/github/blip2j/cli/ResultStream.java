package io.github.blip2j.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, of which nothing gets lost unseen: where {@link System#out} and every {@link
 * PrintWriter} go on in silence behind a closed pipe or a full disk, the first write that fails
 * throws {@link LostOutputException}. What is written behind that is dropped. For one thread.
 */
final class ResultStream extends OutputStream {
  private final OutputStream target;
  private boolean lost;

  ResultStream(OutputStream target) {
    this.target = target;
  }

  /** The process's standard output, in UTF-8 everywhere. */
  static PrintWriter standardOutput() {
    return new PrintWriter(
        new OutputStreamWriter(
            new ResultStream(new FileOutputStream(FileDescriptor.out)), StandardCharsets.UTF_8));
  }

  private interface Step {
    void run() throws IOException;
  }

  /** A print writer keeps quiet about an {@link IOException}, but not about this one. */
  private void run(Step step) {
    if (lost) {
      return;
    }
    try {
      step.run();
    } catch (IOException e) {
      lost = true;
      throw new LostOutputException(e);
    }
  }

  @Override
  public void write(int b) {
    run(() -> target.write(b));
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    run(() -> target.write(bytes, from, length));
  }

  @Override
  public void flush() {
    run(target::flush);
  }

  @Override
  public void close() {
    run(target::close);
  }
}
