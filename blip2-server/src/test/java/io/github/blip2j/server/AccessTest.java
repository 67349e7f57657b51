package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.server.Client.Answer;
import io.github.blip2j.server.http.RawClient;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A server with a token and one page that may use it, over the network; and its log. */
class AccessTest {
  private static final String PAGE = "https://eyes.example";
  private static final BlockingQueue<AccessEntry> LOG = new LinkedBlockingQueue<>();

  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  @BeforeAll
  static void start() {
    blip2 = Demo.captioner();
    ServerAccess access = ServerAccess.defaults().withToken("s3cret").withOrigins(Set.of(PAGE));
    server =
        Blip2Server.start(
            blip2, ServerOptions.defaults().withPort(0).withAccess(access).withAccessLog(LOG::add));
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
  }

  /** The next entry of a path; those of other tests may come late. */
  private static AccessEntry entry(String path) throws InterruptedException {
    AccessEntry entry = LOG.take();
    while (!entry.path().equals(path)) {
      entry = LOG.take();
    }
    return entry;
  }

  private static String head(String host, String more) {
    return "GET /v1/models HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + more + "\r\n";
  }

  @Test
  void allButHealthNeedTheToken() {
    for (String path : new String[] {"/v1/models", "/metrics", "/api/model"}) {
      Answer answer = client.ask(path);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.at("/error/type").asText()).isEqualTo("authentication_error");
      assertThat(answer.header("x-should-retry")).isEqualTo("false");
    }
    Answer upload = client.post("/api/images", "image/png", Demo.scene(0));
    assertThat(upload.status()).isEqualTo(401);
    assertThat(client.ask("/health").status()).isEqualTo(200);
    assertThat(client.ask("/openapi.json").status()).isEqualTo(200);
    Answer right =
        client.send(client.request("/v1/models").header("Authorization", "Bearer s3cret"));
    assertThat(right.status()).isEqualTo(200);
  }

  @Test
  void aNameThatWasLentThisAddressIsRefused() throws IOException {
    String token = "Authorization: Bearer s3cret\r\n";
    try (RawClient raw = new RawClient(server.address())) {
      String answer = raw.send(head("evil.example:" + server.address().getPort(), token)).rest();
      assertThat(answer).startsWith("HTTP/1.1 403").contains("unknown_host");
    }
    try (RawClient raw = new RawClient(server.address())) {
      assertThat(raw.send(head("localhost", token)).rest()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void otherPagesAreRefusedEvenWithTheToken() throws IOException {
    String token = "Authorization: Bearer s3cret\r\nOrigin: ";
    try (RawClient raw = new RawClient(server.address())) {
      String answer = raw.send(head("localhost", token + "https://evil.example\r\n")).rest();
      assertThat(answer)
          .startsWith("HTTP/1.1 403")
          .contains("unknown_origin")
          .doesNotContainIgnoringCase("Access-Control-Allow");
    }
    try (RawClient raw = new RawClient(server.address())) {
      assertThat(raw.send(head("localhost", token + PAGE + "\r\n")).rest())
          .startsWith("HTTP/1.1 200")
          .containsIgnoringCase("Access-Control-Allow-Origin: " + PAGE);
    }
  }

  @Test
  void aBrowserMayAskBeforeItSends() {
    Answer before =
        client.send(
            client
                .request("/api/caption")
                .header("Origin", PAGE)
                .header("Access-Control-Request-Method", "POST")
                .method("OPTIONS", BodyPublishers.noBody()));
    assertThat(before.status()).isEqualTo(204);
    assertThat(before.header("Access-Control-Allow-Methods")).contains("POST");
    assertThat(before.header("Access-Control-Allow-Headers")).contains("Authorization");
  }

  @Test
  void theLogHasEveryRequestWithoutItsSecrets() throws InterruptedException {
    client.send(client.request("/openapi.json?secret=1"));
    AccessEntry entry = entry("/openapi.json");
    assertThat(entry.method()).isEqualTo("GET");
    assertThat(entry.status()).isEqualTo(200);
    assertThat(entry.client()).isEqualTo("127.0.0.1");
    assertThat(entry.bytes()).isEqualTo(StatusApi.document().length);
    assertThat(entry.duration()).isPositive();
    client.ask("/" + "a".repeat(1000) + "%0aline");
    assertThat(entry("/" + "a".repeat(199)).status()).isEqualTo(404);
  }

  @Test
  void theLogSaysWhenAClientLeft() throws Exception {
    RawClient raw = new RawClient(server.address());
    raw.send(
        "POST /api/caption HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s3cret\r\n"
            + "Content-Type: image/png\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
    raw.until("100 Continue");
    raw.abort();
    AccessEntry entry = entry("/api/caption");
    while (entry.method().equals("OPTIONS")) { // another test asked this of the same path
      entry = entry("/api/caption");
    }
    assertThat(entry.status()).isIn(400, 499); // by whether its own error could still be written
  }
}
