package io.github.blip2j.bench.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Servers that stop well, and in ways that clients must notice. */
class StopTest {
  private static final byte[] IMAGE = {1, 2, 3};
  private static final String CAPTION = "a circle";

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Phaser begun = new Phaser(1);
  private HttpServer server;
  private volatile boolean stopping;
  private volatile boolean cutting;
  private volatile String says = CAPTION;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    boolean late = stopping;
    begun.register();
    try (exchange) {
      exchange.getRequestBody().readAllBytes(); // waits for the last byte
      if (cutting && !late) {
        throw new IOException("cut off by the test");
      }
      String body = late ? "{\"error\":{\"code\":\"stopping\"}}" : "{\"text\":\"" + says + "\"}";
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(late ? 503 : 200, bytes.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(bytes);
      }
    } finally {
      begun.arriveAndDeregister();
    }
  }

  /** Answers what has begun, then closes. */
  private void close() {
    stopping = true;
    begun.arriveAndAwaitAdvance();
    server.stop(0);
  }

  private Stop stopped(Runnable close) throws Exception {
    Visit visit = new Visit("visit", Visit.Kind.SINCERE, address -> "");
    Crowd crowd = new Crowd(server.getAddress(), List.of(visit), 0, 0);
    crowd.start(1, 1);
    Stop stop = Stop.of(server.getAddress(), close, crowd, IMAGE, CAPTION);
    assertThat(crowd.faults()).isEmpty();
    return stop;
  }

  @Test
  void whatHasBegunIsAnswered() throws Exception {
    Stop stop = stopped(this::close);
    assertThat(stop.faults()).isEmpty();
    assertThat(stop.answered()).isEqualTo(4);
  }

  @Test
  void aServerThatCutsOffIsFound() throws Exception {
    Stop stop =
        stopped(
            () -> {
              cutting = true;
              stopping = true;
              server.stop(0);
            });
    assertThat(stop.answered()).isZero();
    assertThat(stop.faults()).isNotEmpty().last().asString().contains("none of 4 requests");
  }

  @Test
  void aWrongAnswerIsFound() throws Exception {
    says = "a square";
    assertThat(stopped(this::close).faults())
        .hasSize(5)
        .first()
        .asString()
        .contains("had begun: found 200", "a square");
  }
}
