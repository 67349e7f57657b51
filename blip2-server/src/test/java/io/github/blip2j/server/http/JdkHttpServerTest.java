package io.github.blip2j.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The transport against clients that are slow, rude or gone; it knows nothing of models. */
@SuppressWarnings("NullAway.Init") // each test starts its own server
class JdkHttpServerTest {
  private static final int MOST = 1000; // bytes of a body
  private static final Duration LONG = Duration.ofMinutes(1);

  /** Long enough for a client that is not slow, whatever else the machine does. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";

  /** What the service met, a refusal or that the client had gone. */
  private final BlockingQueue<String> met = new LinkedBlockingQueue<>();

  private JdkHttpServer server;

  private JdkHttpServer start(int threads, Duration read, Duration write, Service service) {
    return start(new Transport(ANY, threads, MOST, read, read, write, LONG), service);
  }

  private JdkHttpServer start(Transport transport, Service service) {
    server = new JdkHttpServer(transport, service);
    return server;
  }

  /** Answers with the body. */
  private void echo(Call call) {
    try {
      byte[] body = call.body();
      met.add("body of " + body.length);
      call.reply(new Reply(200, "text/plain", body));
    } catch (Refusal e) {
      met.add(e.code());
      call.reply(new Reply(e.status(), "text/plain", e.code().getBytes(StandardCharsets.UTF_8)));
    } catch (ClientGone e) {
      met.add("gone");
    }
  }

  private RawClient connect() throws IOException {
    return new RawClient(server.address());
  }

  private static String post(int length) {
    return "POST /" + HOST + "Content-Length: " + length + "\r\n\r\n";
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void requestsOfOneConnectionAreAnsweredInTurn() throws Exception {
    start(2, LONG, LONG, this::echo);
    try (RawClient client = connect()) {
      for (int i = 0; i < 3; i++) {
        String answer = client.send(post(3) + "ab" + i).until("ab" + i);
        assertThat(answer).startsWith("HTTP/1.1 200").contains("Content-length: 3");
      }
    }
  }

  @Test
  void aBodyInChunksIsRead() throws Exception {
    start(2, LONG, LONG, this::echo);
    try (RawClient client = connect()) {
      client.send(
          "POST /" + HOST + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
      assertThat(client.until("abcde")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aBodyThatIsTooLongIsRefusedOnceItHasBeenSent() throws Exception {
    start(2, LONG, LONG, this::echo);
    try (RawClient client = connect()) {
      client.send(post(3 * MOST) + "x".repeat(3 * MOST));
      assertThat(client.until("body_too_large")).startsWith("HTTP/1.1 413");
      assertThat(client.send(post(1) + "y").until("y")).as("the next").contains("HTTP/1.1 200");
    }
  }

  @Test
  void aBodyThatIsFarTooLongIsNotReadToItsEnd() throws Exception {
    start(2, LONG, LONG, this::echo);
    try (RawClient client = connect()) {
      client.send(post(Integer.MAX_VALUE) + "x".repeat(5 * MOST));
      assertThat(client.until("body_too_large"))
          .startsWith("HTTP/1.1 413")
          .containsIgnoringCase("Connection: close");
    }
  }

  @Test
  void aBodyThatStallsEndsItsConnection() throws Exception {
    start(1, SHORT, LONG, this::echo);
    try (RawClient slow = connect()) {
      slow.send(post(10) + "abc");
      assertThat(slow.rest()).isEmpty();
      assertThat(met.take()).isEqualTo("gone");
    }
    try (RawClient next = connect()) { // the only thread is free, and no longer interrupted
      assertThat(next.send(post(2) + "ok").until("ok")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void headersThatStallEndTheirConnection() throws Exception {
    start(1, SHORT, LONG, this::echo);
    try (RawClient slow = connect()) {
      slow.send("POST / HTTP/1.1\r\nHost: loc");
      assertThat(slow.rest()).isEmpty();
    }
    try (RawClient next = connect()) {
      assertThat(next.send(post(2) + "ok").until("ok")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aHalfClosedClientIsAnswered() throws Exception {
    start(2, LONG, LONG, this::echo);
    try (RawClient client = connect()) {
      assertThat(client.send(post(3) + "abc").end().rest())
          .startsWith("HTTP/1.1 200")
          .endsWith("abc");
    }
    try (RawClient client = connect()) {
      assertThat(client.send(post(9) + "abc").end().rest())
          .startsWith("HTTP/1.1 400")
          .endsWith("incomplete_body");
    }
  }

  @Test
  void rubbishIsRefusedAndForgotten() throws Exception {
    start(2, LONG, LONG, this::echo);
    for (String rubbish :
        new String[] {
          "\0\1\2\3\r\n\r\n",
          "GET\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
          "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
          "GET /%zz HTTP/1.1\r\n\r\n",
          "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\r\n\r\n" // TLS to a server without it
        }) {
      try (RawClient client = connect()) {
        assertThat(client.send(rubbish).end().rest()).doesNotContain("HTTP/1.1 200");
      }
    }
    assertThat(met).isEmpty();
    try (RawClient next = connect()) {
      assertThat(next.send(post(2) + "ok").until("ok")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aClientThatReadsNothingIsGivenUp() throws Exception {
    CountDownLatch given = new CountDownLatch(1);
    start(
        2,
        LONG,
        SHORT,
        call -> {
          try (OutputStream out = call.stream("text/plain")) {
            while (true) {
              out.write(new byte[1 << 16]); // until no buffer takes any more
            }
          } catch (IOException e) {
            given.countDown();
          }
        });
    try (RawClient client = connect()) {
      client.send("GET /" + HOST + "\r\n");
      given.await();
    }
  }

  @Test
  void anAbortedClientIsSeenWhenSomethingIsWritten() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch aborted = new CountDownLatch(1);
    start(
        2,
        LONG,
        LONG,
        call -> {
          try (OutputStream out = call.stream("text/plain")) {
            begun.countDown();
            aborted.await();
            for (int i = 0; i < 1_000_000; i++) {
              out.write('x');
            }
            met.add("written");
          } catch (IOException | InterruptedException e) {
            met.add("gone");
          }
        });
    RawClient client = connect();
    client.send("GET /" + HOST + "\r\n");
    begun.await();
    client.abort();
    aborted.countDown();
    assertThat(met.take()).isEqualTo("gone");
  }

  @Test
  void whatTheServiceThrowsClosesTheConnectionOnly() throws Exception {
    start(
        1,
        LONG,
        LONG,
        call -> {
          if (call.path().equals("/bad")) {
            throw new AssertionError("on purpose");
          }
          call.reply(Reply.json(200, "{}"));
        });
    try (RawClient client = connect()) {
      assertThat(client.send("GET /bad" + HOST + "\r\n").rest()).isEmpty();
    }
    try (RawClient client = connect()) {
      assertThat(client.send("GET /good" + HOST + "\r\n").until("{}")).startsWith("HTTP/1.1 200");
    }
  }

  /** The last chunk, of length 0, says that a stream is whole. */
  @Test
  void aStreamWhoseServiceFailsHasNoEnd() throws Exception {
    start(
        1,
        LONG,
        LONG,
        call -> {
          try {
            OutputStream out = call.stream("text/plain");
            out.write("piece".getBytes(StandardCharsets.US_ASCII));
            if (call.path().equals("/bad")) {
              throw new AssertionError("on purpose");
            }
            out.close();
          } catch (IOException e) {
            met.add("gone");
          }
        });
    try (RawClient client = connect()) {
      assertThat(client.send("GET /good" + HOST + "\r\n").until("\r\n0\r\n\r\n")).contains("piece");
    }
    try (RawClient client = connect()) {
      assertThat(client.send("GET /bad" + HOST + "\r\n").rest())
          .endsWith("piece\r\n")
          .startsWith("HTTP/1.1 200");
    }
    assertThat(met).isEmpty();
  }

  @Test
  void stoppingInterruptsWhatIsUnderWay() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    start(
        1,
        LONG,
        LONG,
        call -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            met.add("interrupted");
          }
        });
    try (RawClient client = connect()) {
      client.send("GET /" + HOST + "\r\n");
      begun.await();
      server.close();
      assertThat(met.take()).isEqualTo("interrupted");
      assertThat(client.rest()).isEmpty();
    }
  }

  /** What does not heed its interrupt is told of. */
  @Test
  void stoppingDoesNotWaitForEver() throws Exception {
    BlockingQueue<Thread> serving = new LinkedBlockingQueue<>();
    Semaphore end = new Semaphore(0);
    start(
        new Transport(ANY, 1, MOST, LONG, LONG, LONG, Duration.ofMillis(1)),
        call -> {
          serving.add(Thread.currentThread());
          end.acquireUninterruptibly();
        });
    try (RawClient client = connect()) {
      client.send("GET /" + HOST + "\r\n");
      Thread thread = serving.take();
      assertThatThrownBy(server::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("requests (1) must end within PT0.001S when they are interrupted");
      assertThat(client.rest()).as("its connection is closed").isEmpty();
      assertThat(thread.isAlive()).isTrue();
      end.release();
      thread.join();
    } finally {
      end.release();
    }
  }

  @Test
  void anAddressInUseIsNamed() {
    start(1, LONG, LONG, this::echo);
    Transport taken = new Transport(server.address(), 1, MOST, LONG, LONG, LONG, LONG);
    assertThatThrownBy(() -> new JdkHttpServer(taken, this::echo))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(Integer.toString(server.address().getPort()));
  }
}
