package io.github.blip2j.mcp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The lines to a client: counts the answers. Safe for many threads. */
final class AnswerLines extends FilterOutputStream {
  private final Runnable lost;
  private long answers;

  /**
   * Writes lines.
   *
   * @param lost is told when the client takes none any more
   */
  AnswerLines(OutputStream out, Runnable lost) {
    super(out);
    this.lost = lost;
  }

  @Override
  public synchronized void write(int one) throws IOException {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) throws IOException {
    try {
      out.write(bytes, from, length);
    } catch (IOException e) {
      lost.run();
      throw e;
    }
    for (int i = from; i < from + length; i++) {
      count(bytes[i]);
    }
  }

  private void count(int one) {
    if (one == '\n') {
      answers++;
      notifyAll();
    }
  }

  /**
   * Answers what is no message; not counted. The library writes whole lines under this lock too.
   */
  synchronized void refuse(int code, String message) throws IOException {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("jsonrpc", "2.0");
    node.putNull("id").putObject("error").put("code", code).put("message", message);
    out.write((node + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Waits until there are so many answers, for a time at most. */
  synchronized void await(long wanted, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toMillis(); answers < wanted && left > 0; ) {
        wait(left);
        left = (end - System.nanoTime()) / 1_000_000;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
