package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.server.Client.Answer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /api/search}: what a search finds, and servers that have none. */
class SearchApiTest {
  private static Blip2 blip2;
  private static Blip2Server server;
  private static Client client;

  /** Two images and one that cannot be shown; the text is the first one's name. */
  private static final class Three implements ImageSearch {
    @Override
    public int images() {
      return 3;
    }

    @Override
    public List<Found> find(String text, int most) {
      if (text.equals("broken")) {
        throw new IllegalStateException("the disk is on fire at /home/somebody");
      }
      byte[] jpeg = {(byte) 0xff, (byte) 0xd8, 1};
      return List.of(
              new Found(text, 0.5, Demo.scene(0)),
              new Found("b", 0.25, jpeg),
              new Found("c", -0.1, new byte[0]))
          .subList(0, Math.min(most, 3));
    }
  }

  @BeforeAll
  static void start() {
    blip2 = Demo.captioner();
    ServerOptions options = ServerOptions.defaults().withPort(0).withSearch(new Three());
    server = Blip2Server.start(blip2, options);
    client = new Client(server.uri());
  }

  @AfterAll
  static void stop() {
    server.close();
    blip2.close();
  }

  private static ObjectNode text(String text) {
    return Json.object().put("text", text);
  }

  @Test
  void whatIsFoundComesWithItsImage() {
    Answer found = client.post("/api/search", text("a star"));
    assertThat(found.status()).as(found.body()).isEqualTo(200);
    assertThat(found.at("/hits").findValuesAsText("name")).containsExactly("a star", "b", "c");
    assertThat(found.at("/hits/0/image").asText()).isEqualTo(Demo.url(0));
    assertThat(found.at("/hits/1/image").asText()).startsWith("data:image/jpeg;base64,");
    assertThat(found.at("/hits/2").has("image")).isFalse();
    assertThat(found.at("/hits/1/similarity").asDouble()).isEqualTo(0.25);
    assertThat(client.post("/api/search", text("a").put("limit", 1)).at("/hits")).hasSize(1);
    assertThat(client.ask("/api/model").at("/search/images").asInt()).isEqualTo(3);
  }

  @Test
  void wrongRequestsAreRefused() {
    assertThat(client.post("/api/search", text(" ")).message()).contains("must not be blank");
    assertThat(client.post("/api/search", Json.object()).at("/error/param").asText())
        .isEqualTo("text");
    Answer many = client.post("/api/search", text("a").put("limit", 1000));
    assertThat(many.status()).isEqualTo(400);
    assertThat(many.at("/error/param").asText()).isEqualTo("limit");
  }

  /** What it says may name files, which are nobody's business. */
  @Test
  void aSearchThatFailsTellsTheLogAlone() {
    Answer broken = client.post("/api/search", text("broken"));
    assertThat(broken.status()).isEqualTo(500);
    assertThat(broken.body()).doesNotContain("somebody");
  }

  @Test
  void aServerWithoutImagesSaysSo() {
    try (Blip2Server without = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0))) {
      Client other = new Client(without.uri());
      Answer refused = other.post("/api/search", text("a star"));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.code()).isEqualTo("unsupported_task");
      assertThat(other.ask("/api/model").json().has("search")).isFalse();
    }
  }
}
