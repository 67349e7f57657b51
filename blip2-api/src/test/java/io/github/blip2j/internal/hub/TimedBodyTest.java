package io.github.blip2j.internal.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A body as a stream: its bytes in order, its end, its failure, and its silence. */
class TimedBodyTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** What the stream asks of its source. */
  private static final class Source implements Flow.Subscription {
    private long requested;
    private int cancelled;

    @Override
    public void request(long count) {
      requested += count;
    }

    @Override
    public void cancel() {
      cancelled++;
    }
  }

  private final Source source = new Source();
  private final TimedBody body = new TimedBody(LONG);

  @BeforeEach
  void subscribe() {
    body.onSubscribe(source);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }

  @Test
  void bytesComeInTheirOrder() throws IOException {
    body.onNext(List.of(bytes(1, 2), bytes(), bytes(3)));
    body.onNext(List.of());
    body.onNext(List.of(bytes(255)));
    body.onComplete();
    assertThat(body.read()).isEqualTo(1);
    byte[] target = {9, 9, 9, 9};
    assertThat(body.read(target, 1, 3)).isEqualTo(1);
    assertThat(target).containsExactly(9, 2, 9, 9);
    assertThat(body.read(target, 0, 0)).isZero();
    assertThat(body.read()).isEqualTo(3);
    assertThat(body.read()).as("a byte, not the end").isEqualTo(255);
    assertThat(body.read()).isEqualTo(-1);
    assertThat(body.read(target, 0, 4)).as("and again").isEqualTo(-1);
  }

  @Test
  void asMuchIsAskedForAsWasTaken() throws IOException {
    long ahead = source.requested;
    assertThat(ahead).isPositive();
    for (int i = 0; i < 10; i++) {
      body.onNext(List.of(bytes(i)));
    }
    body.onComplete();
    assertThat(body.readAllBytes()).hasSize(10);
    assertThat(source.requested).isEqualTo(ahead + 10);
  }

  @Test
  void aFailureIsToldBehindTheBytesBeforeIt() throws IOException {
    IOException failure = new IOException("reset");
    body.onNext(List.of(bytes(1)));
    body.onError(failure);
    assertThat(body.read()).isEqualTo(1);
    assertThatThrownBy(body::read)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("the connection broke: ")
        .hasCause(failure);
  }

  @Test
  void silenceBreaksTheTransferOff() {
    TimedBody impatient = new TimedBody(Duration.ofMillis(1));
    impatient.onSubscribe(source);
    assertThatThrownBy(impatient::read)
        .isInstanceOf(HttpTimeoutException.class)
        .hasMessageContaining("no byte came");
    assertThat(source.cancelled).isEqualTo(1);
  }

  @Test
  void aClosedBodyIsReadNoMoreAndItsTransferEnds() {
    body.onNext(List.of(bytes(1)));
    body.close();
    assertThat(source.cancelled).isEqualTo(1);
    assertThatThrownBy(body::read).hasMessage("closed");
    TimedBody early = new TimedBody(LONG);
    early.close();
    Source late = new Source();
    early.onSubscribe(late);
    assertThat(late.cancelled).as("nothing was asked for").isEqualTo(1);
    assertThat(late.requested).isZero();
  }

  @Test
  void aBodyThatWasReadIsNotCancelled() throws IOException {
    body.onComplete();
    assertThat(body.read()).isEqualTo(-1);
    body.close();
    assertThat(source.cancelled).isZero();
  }

  @Test
  void anInterruptEndsTheWaitAndIsKept() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(body::read).isInstanceOf(InterruptedIOException.class);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      Thread.interrupted();
    }
  }
}
