package io.github.blip2j.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that runs for long keeps nothing of connections that have ended, however they did. */
class ForgottenConnectionsTest {
  private static final int CLIENTS = 20;
  private static final int MOST = 1000; // bytes of a body
  private static final String CONNECTION = "sun.net.httpserver.HttpConnection";
  private static final String HEAD = " / HTTP/1.1\r\nHost: localhost\r\n";

  private final Semaphore served = new Semaphore(0);
  private final JdkHttpServer server =
      new JdkHttpServer(
          new Transport(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              4,
              MOST,
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1)),
          this::serve);

  /** A stream that goes on until its client has left, or the body back again. */
  private void serve(Call call) {
    try {
      if (call.path().equals("/broken")) {
        throw new IllegalStateException("on purpose");
      }
      if (call.method().equals("GET")) {
        stream(call);
      } else {
        call.reply(new Reply(200, "text/plain", call.body()));
      }
    } catch (Refusal e) {
      call.reply(new Reply(e.status(), "text/plain", new byte[] {'r'}));
    } catch (ClientGone e) {
      // there is nobody to be told
    } finally {
      served.release();
    }
  }

  private static void stream(Call call) {
    byte[] piece = "piece\n".getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = call.stream("text/plain")) {
      while (true) {
        out.write(piece, 0, piece.length);
      }
    } catch (IOException e) {
      // it has left
    }
  }

  @AfterEach
  void close() {
    server.close();
  }

  private interface Visit {
    void run(RawClient client) throws IOException;
  }

  private void assertForgotten(Visit visit) throws Exception {
    long most = connections() + 2; // other tests' servers may have some
    for (int i = 0; i < CLIENTS; i++) {
      try (RawClient client = new RawClient(server.address())) {
        visit.run(client);
      }
      served.acquire();
    }
    long left = connections();
    for (int tries = 0; tries < 100 && left > most; tries++) { // the last ones end in other threads
      Thread.sleep(20);
      left = connections();
    }
    assertThat(left).as("connections of %d that are kept", CLIENTS).isLessThanOrEqualTo(most);
  }

  /** Those that are reachable, as the JVM counts them. */
  private static long connections() throws JMException {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
    assertThat(histogram).contains("java.lang.String");
    return histogram
        .lines()
        .filter(line -> (line + " ").contains(" " + CONNECTION + " "))
        .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
        .sum();
  }

  @Test
  void thoseWhoseClientLeavesAStream() throws Exception {
    assertForgotten(
        client -> {
          client.send("GET" + HEAD + "\r\n").until("piece");
          client.abort();
        });
  }

  @Test
  void thoseThatBreakWithinTheirBody() throws Exception {
    assertForgotten(
        client -> {
          client.send("POST" + HEAD + "Content-Length: 9\r\n\r\nhalf");
          client.abort();
        });
  }

  @Test
  void thoseWhoseRequestFails() throws Exception {
    assertForgotten(
        client -> client.send("GET /broken HTTP/1.1\r\nHost: localhost\r\n\r\n").rest());
  }

  @Test
  void thoseThatAreAnsweredAndClosed() throws Exception {
    assertForgotten(
        client ->
            client
                .send("POST" + HEAD + "Connection: close\r\nContent-Length: 2\r\n\r\nab")
                .until("ab"));
  }

  @Test
  void thoseThatSendTooMuch() throws Exception {
    assertForgotten(
        client -> client.send("POST" + HEAD + "Content-Length: 99999\r\n\r\nab").end().rest());
  }
}
