package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.UnixOperatingSystemMXBean;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import io.github.blip2j.server.http.RawClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Many clients at once, a full queue, and stops while something is under way. */
class LoadTest {
  private static Blip2 blip2;

  @BeforeAll
  static void load() {
    blip2 = Demo.captioner();
  }

  @AfterAll
  static void close() {
    blip2.close();
  }

  private static Blip2Server start(int atOnce, int waiting) {
    return start(
        ServerOptions.defaults().withLimits(ServerLimits.defaults().withRequests(atOnce, waiting)));
  }

  private static Blip2Server start(ServerOptions options) {
    return Blip2Server.start(blip2, options.withPort(0));
  }

  /** A request that has come but for the end of its body; it has its place until then. */
  private static RawClient begin(Blip2Server server, byte[] body) throws IOException {
    RawClient client = new RawClient(server.address());
    client.send(
        "POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            + "Expect: 100-continue\r\nContent-Length: "
            + body.length
            + "\r\n\r\n");
    client.until("100 Continue"); // the server reads the body in the same thread
    client.send(Arrays.copyOf(body, body.length - 1));
    return client;
  }

  private static void finish(RawClient client, byte[] body) throws IOException {
    client.send(new byte[] {body[body.length - 1]});
  }

  /** Waits for a gauge; the server sets it in threads of its own. */
  private static void awaitGauge(Client client, String line) throws InterruptedException {
    while (!client.ask("/metrics").body().contains("\n" + line + "\n")) {
      Thread.sleep(5);
    }
  }

  @Test
  void aFullQueueSaysWhenToComeAgain() throws Exception {
    try (Blip2Server server = start(1, 1)) {
      Client client = new Client(server.uri());
      byte[] scene = Demo.scene(0);
      try (RawClient first = begin(server, scene);
          RawClient second = begin(server, scene)) {
        awaitGauge(client, "blip2_waiting_requests 2");
        Answer third = client.post("/api/caption", "image/png", scene);
        assertThat(third.status()).isEqualTo(429);
        assertThat(third.code()).isEqualTo("queue_full");
        assertThat(third.at("/error/type").asText()).isEqualTo("rate_limit_error");
        assertThat(Integer.parseInt(third.header("Retry-After"))).isBetween(1, 30);
        assertThat(third.header("x-should-retry")).isEqualTo("true");
        assertThat(client.ask("/health").status()).as("it lives").isEqualTo(200);
        finish(first, scene);
        finish(second, scene);
        assertThat(first.until("usage")).contains("HTTP/1.1 200").contains(Demo.caption(0));
        assertThat(second.until("usage")).contains(Demo.caption(0));
      }
      awaitGauge(client, "blip2_waiting_requests 0");
      assertThat(client.post("/api/caption", "image/png", scene).status()).isEqualTo(200);
    }
  }

  @Test
  void aStopAnswersWhatHasBegunAndRefusesWhatIsNew() throws Exception {
    ConcurrentLinkedQueue<AccessEntry> log = new ConcurrentLinkedQueue<>();
    Blip2Server server = start(ServerOptions.defaults().withAccessLog(log::add));
    Client client = new Client(server.uri());
    byte[] scene = Demo.scene(2);
    try (RawClient begun = begin(server, scene)) {
      awaitGauge(client, "blip2_waiting_requests 1");
      Thread stopper = new Thread(server::close);
      stopper.start();
      Answer refused = client.ask("/health");
      while (refused.status() == 200) { // until the stop has begun
        refused = client.ask("/health");
      }
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.code()).isEqualTo("stopping");
      assertThat(refused.header("x-should-retry")).isEqualTo("false");
      assertThat(stopper.isAlive()).as("it waits for what has begun").isTrue();
      finish(begun, scene);
      assertThat(begun.until("usage")).contains("HTTP/1.1 200").contains(Demo.caption(2));
      stopper.join();
    }
    assertThat(log.stream().filter(e -> e.path().equals("/api/caption")).map(AccessEntry::status))
        .containsExactly(200);
    assertConnectionRefused(server);
    assertThat(blip2.caption(ImageSource.of(scene)).text())
        .as("the model stays its owner's")
        .isEqualTo(Demo.caption(2));
  }

  private static void assertConnectionRefused(Blip2Server server) {
    assertThatThrownBy(() -> new RawClient(server.address()).close())
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void aStopDoesNotWaitForEver() throws Exception {
    ServerTimeouts times = ServerTimeouts.defaults().withStop(Duration.ofMillis(50));
    Blip2Server server = start(ServerOptions.defaults().withTimeouts(times));
    try (RawClient never = begin(server, Demo.scene(0))) {
      server.close();
      assertThat(never.rest()).doesNotContain("200 OK");
    }
    server.close(); // again does nothing
  }

  /** Here it waits in the access log, and heeds no interrupt. */
  @Test
  void aRequestThatDoesNotEndKeepsNothingElseOpen() throws Exception {
    BlockingQueue<Thread> logging = new LinkedBlockingQueue<>();
    Semaphore end = new Semaphore(0);
    ServerOptions options =
        ServerOptions.defaults()
            .withPort(0)
            .withAccessLog(
                entry -> {
                  logging.add(Thread.currentThread());
                  end.acquireUninterruptibly();
                });
    Blip2Server server = new Blip2Server(blip2, List.of(), options, Duration.ofMillis(1));
    try {
      ObjectNode request = Json.object().put("image", Demo.url(0)).put("stream", true);
      assertThat(new Client(server.uri()).post("/api/caption", request).status()).isEqualTo(200);
      Thread serving = logging.take();
      List<Thread> beats = heartbeats();
      assertThat(beats).isNotEmpty();
      assertThatThrownBy(server::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("requests (1) must end within");
      for (Thread beat : beats) {
        beat.join(); // it ends; a test that waits here for ever has found one
      }
      end.release();
      serving.join();
      server.close(); // again does nothing
    } finally {
      end.release();
    }
  }

  private static List<Thread> heartbeats() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("blip2-server-heartbeat"))
        .toList();
  }

  @Test
  void everybodyGetsTheAnswerToWhatTheyAsked() throws Exception {
    try (Blip2Server server = start(3, 64)) {
      List<Callable<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        int number = i;
        clients.add(() -> visit(server, number));
      }
      ExecutorService threads = Executors.newFixedThreadPool(clients.size());
      int right = 0;
      for (Future<Integer> done : threads.invokeAll(clients)) {
        right += done.get();
      }
      threads.shutdown();
      assertThat(right).isEqualTo(32 * 4);
      Client client = new Client(server.uri());
      awaitGauge(client, "blip2_active_requests 0");
      awaitGauge(client, "blip2_waiting_requests 0");
    }
  }

  /** Threads, descriptors and images of what has been: nothing stays of a server that is closed. */
  @Test
  void nothingIsLeftOfAServer() throws Exception {
    long before = descriptors();
    for (int round = 0; round < 3; round++) {
      Blip2Server server = start(2, 8);
      for (int i = 0; i < 20; i++) {
        leave(server, Json.object().put("image", Demo.url(i % Demo.SCENES)).put("stream", true));
        try (RawClient half = begin(server, Demo.scene(0))) {
          half.end();
          assertThat(half.rest()).contains("incomplete_body");
        }
      }
      server.close();
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().startsWith("blip2-server")) {
          thread.join(); // it has ended its work; a test that waits here for ever has found one
        }
      }
    }
    assertThat(descriptors()).isLessThan(before + 20); // 120 connections came
  }

  private static long descriptors() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  /** Four requests, each of its own kind and scene; some clients leave, others send rubbish. */
  private static int visit(Blip2Server server, int number) throws IOException {
    Client client = new Client(server.uri());
    int right = 0;
    for (int i = 0; i < 4; i++) {
      int scene = (number + i) % Demo.SCENES;
      ObjectNode request = Json.object().put("image", Demo.url(scene));
      if (number % 10 == 3) {
        leave(server, request.put("stream", true));
        right++;
      } else if (number % 16 == 5) {
        Answer wrong = client.post("/api/caption", "image/png", new byte[] {1, 2, 3});
        right += wrong.status() == 400 ? 1 : 0;
      } else if (i % 2 == 0) {
        Answer caption = client.post("/api/caption", request);
        right += caption.at("/text").asText().equals(Demo.caption(scene)) ? 1 : 0;
      } else {
        request.put("question", Demo.question(scene, 1)).put("stream", true);
        List<String> events = client.post("/api/chat", request).events();
        String last = Json.MAPPER.readTree(events.get(events.size() - 1)).get("text").asText();
        right += last.equals(Demo.answer(scene, 1)) ? 1 : 0;
      }
    }
    return right;
  }

  /** Asks for a stream and breaks the connection at its first event. */
  private static void leave(Blip2Server server, ObjectNode request) throws IOException {
    RawClient client = new RawClient(server.address());
    String body = request.toString();
    client.send(
        "POST /api/caption HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
    client.until("event: piece");
    client.abort();
  }
}
