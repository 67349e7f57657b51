package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a stream that gives up when no byte has come for too long: the time-out
 * of a request ends with the headers, and a connection that has gone silent would be waited for
 * without end. Read by one thread; {@link #close} breaks the transfer off.
 */
final class TimedBody extends InputStream implements Flow.Subscriber<List<ByteBuffer>> {
  private static final int AHEAD = 32; // deliveries of at most 16 kB each

  private final Duration limit;
  private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
  private volatile Flow.@Nullable Subscription subscription;
  private volatile boolean closed;
  private Part current = new Part(List.of(), false, null);
  private int next;

  /** A delivery, or the end of the body. */
  private record Part(List<ByteBuffer> buffers, boolean last, @Nullable Throwable failure) {}

  TimedBody(Duration limit) {
    this.limit = limit;
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(AHEAD);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    parts.add(new Part(buffers, false, null));
  }

  @Override
  public void onError(Throwable failure) {
    parts.add(new Part(List.of(), true, failure));
  }

  @Override
  public void onComplete() {
    parts.add(new Part(List.of(), true, null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!current.last()) {
      while (next < current.buffers().size()) {
        ByteBuffer buffer = current.buffers().get(next);
        if (buffer.hasRemaining()) {
          int count = Math.min(length, buffer.remaining());
          buffer.get(target, offset, count);
          return count;
        }
        next++;
      }
      advance();
    }
    if (current.failure() != null) {
      throw new IOException("the connection broke: " + current.failure(), current.failure());
    }
    return -1;
  }

  private void advance() throws IOException {
    Flow.Subscription source = subscription;
    if (source != null && !current.buffers().isEmpty()) {
      source.request(1);
    }
    Part part;
    try {
      part = closed ? null : parts.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    if (closed) {
      throw new IOException("closed");
    }
    if (part == null) {
      close();
      throw new HttpTimeoutException("no byte came for " + limit.toSeconds() + " s");
    }
    current = part;
    next = 0;
  }

  /** Has no effect on a body that was read to its end. */
  @Override
  public void close() {
    closed = true;
    Flow.Subscription source = subscription;
    if (source != null && !current.last()) {
      source.cancel();
    }
  }
}
