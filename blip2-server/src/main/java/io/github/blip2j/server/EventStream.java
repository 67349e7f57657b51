package io.github.blip2j.server;

import io.github.blip2j.server.http.Call;
import io.github.blip2j.server.http.ClientGone;
import io.github.blip2j.server.http.Refusal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events (WHATWG HTML, §9.2). The answer begins with the first event, or with the first
 * sign of life: what fails before that has a status of its own. A client that has left is seen when
 * something is written, so that comments are written while there is nothing to say.
 */
final class EventStream implements AutoCloseable {
  private static final String COMMENT = ":\n\n";

  private final Call call;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable OutputStream out;
  private @Nullable Future<?> beats;
  private boolean quiet = true; // since the last beat
  private volatile boolean gone;
  private volatile boolean closed;

  EventStream(Call call) {
    this.call = call;
  }

  /** From now on {@link #beat} is called, until this is closed. */
  void keptAlive(Future<?> calls) {
    beats = calls;
  }

  /** Whether the client has left. */
  boolean gone() {
    return gone;
  }

  /**
   * Gives the stream up if nothing has been sent: the request gets another answer.
   *
   * @return whether nothing has been, and nothing will be
   */
  boolean abandon() {
    lock.lock();
    try {
      closed = out == null;
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends an event.
   *
   * @param name or null for a plain message
   * @param data JSON, which has no line ends
   * @throws ClientGone if the client has left
   */
  void send(@Nullable String name, String data) {
    write((name == null ? "" : "event: " + name + "\n") + "data: " + data + "\n\n");
  }

  /** Sends what clients ignore. */
  void comment() {
    write(COMMENT);
  }

  /** Sends an error, behind which nothing comes. */
  void fail(Refusal refusal) {
    send("error", Json.error(refusal));
  }

  private void write(String event) {
    lock.lock();
    try {
      if (gone) {
        throw new ClientGone("it left before the answer ended", null);
      }
      OutputStream to = out;
      if (to == null) {
        to = call.stream("text/event-stream");
        out = to;
      }
      quiet = false;
      byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
      to.write(bytes, 0, bytes.length);
    } catch (IOException e) {
      gone = true;
      throw new ClientGone("it left before the answer ended", e);
    } finally {
      lock.unlock();
    }
  }

  /** Writes a comment if nothing has been written since the last call. */
  void beat() {
    if (closed || gone || !lock.tryLock()) { // else something is being written
      return;
    }
    try {
      if (quiet && !closed) {
        comment();
      }
      quiet = true;
    } catch (ClientGone e) {
      gone = true; // whoever writes next is told
    } finally {
      lock.unlock();
    }
  }

  /** Leaves the answer without an end: its client is to see that there was more to come. */
  void breakOff() {
    lock.lock();
    try {
      closed = true;
      out = null;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the answer. */
  @Override
  public void close() {
    Future<?> calls = beats;
    if (calls != null) {
      calls.cancel(false);
    }
    lock.lock();
    try {
      closed = true;
      OutputStream to = out;
      if (to != null) {
        to.close();
      }
    } catch (IOException e) {
      gone = true;
    } finally {
      lock.unlock();
    }
  }
}
