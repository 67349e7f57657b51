package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.http.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Images by id, data URLs, counts, routes and options, each alone. */
class PartsTest {
  private static ServerImage image(int number) {
    return ServerImage.of(new byte[] {(byte) number});
  }

  @Test
  void theLeastRecentlyUsedImageIsForgotten() {
    ImageStore images = new ImageStore(2);
    String first = images.keep(image(1));
    String second = images.keep(image(2));
    assertThat(first).matches("[0-9a-f]{32}").isNotEqualTo(second);
    images.require(first);
    String third = images.keep(image(3));
    assertThat(images.size()).isEqualTo(2);
    assertThat(images.require(first)).isEqualTo(image(1));
    assertThat(images.require(third)).isEqualTo(image(3));
    assertThatThrownBy(() -> images.require(second))
        .isInstanceOfSatisfying(Refusal.class, r -> assertThat(r.status()).isEqualTo(404));
    images.forget(first);
    assertThatThrownBy(() -> images.forget(first)).isInstanceOf(Refusal.class);
    assertThat(images.size()).isEqualTo(1);
  }

  @Test
  void dataUrlsHoldTheirBytes() throws IOException {
    byte[] bytes = "any bytes at all, of no image".getBytes(StandardCharsets.UTF_8);
    String plain = Base64.getEncoder().encodeToString(bytes);
    String lines =
        Base64.getMimeEncoder(8, "\r\n".getBytes(StandardCharsets.UTF_8)).encodeToString(bytes);
    for (String url :
        List.of(
            "data:image/png;base64," + plain,
            "data:;base64," + plain,
            "DATA:image/png;charset=x;BASE64," + plain,
            "data:image/png;base64," + lines)) {
      ServerImage image = ServerImage.ofUrl(url, "image");
      assertThat(((ImageSource) image.input()).open().readAllBytes()).isEqualTo(bytes);
      assertThat(image.key()).isEqualTo(ServerImage.of(bytes).key());
    }
  }

  @Test
  void whatIsNoDataUrlIsRefusedWithItsBeginning() {
    assertThatThrownBy(() -> ServerImage.ofUrl("https://example.org/" + "a".repeat(500), "url"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("https://example.org/aaaaaaaaaa…")
        .hasMessageNotContaining("a".repeat(20));
    for (String url :
        List.of(
            "data:image/png,abc",
            "data:image/png;base64",
            "file:///etc/passwd",
            "",
            ",",
            "data:,")) {
      assertThatThrownBy(() -> ServerImage.ofUrl(url, "url")).isInstanceOf(Refusal.class);
    }
    assertThatThrownBy(() -> ServerImage.ofUrl("data:;base64,ab%3D", "url"))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("letter 2");
    assertThatThrownBy(() -> ServerImage.ofUrl("data:;base64,a", "url"))
        .isInstanceOf(Refusal.class);
  }

  @Test
  void countsAreWrittenAsPrometheusReadsThem() {
    Metrics metrics = new Metrics();
    metrics.answered("GET", "/health", 200, Duration.ofMillis(5));
    metrics.answered("GET", "/health", 200, Duration.ofMillis(700));
    metrics.answered("BREW\"\n", "none", 405, Duration.ofHours(1));
    metrics.add(Metrics.Count.TOKENS, 12);
    metrics.gauge("blip2_kept_images", "Images.", () -> 2.5);
    metrics.counter("blip2_hits_total", "Hits.", () -> 3);
    assertThat(metrics.text())
        .contains("# TYPE blip2_http_requests_total counter\n")
        .contains("blip2_http_requests_total{method=\"GET\",route=\"/health\",status=\"200\"} 2\n")
        .contains("{method=\"other\",route=\"none\",status=\"405\"} 1\n")
        .contains("# TYPE blip2_http_request_seconds histogram\n")
        .contains("blip2_http_request_seconds_bucket{route=\"/health\",le=\"0.005\"} 1\n")
        .contains("blip2_http_request_seconds_bucket{route=\"/health\",le=\"0.5\"} 1\n")
        .contains("blip2_http_request_seconds_bucket{route=\"/health\",le=\"1.0\"} 2\n")
        .contains("blip2_http_request_seconds_bucket{route=\"none\",le=\"300.0\"} 0\n")
        .contains("blip2_http_request_seconds_bucket{route=\"none\",le=\"+Inf\"} 1\n")
        .contains("blip2_http_request_seconds_sum{route=\"/health\"} 0.705\n")
        .contains("blip2_http_request_seconds_count{route=\"/health\"} 2\n")
        .contains("blip2_generated_tokens_total 12\n")
        .contains("blip2_cancelled_texts_total 0\n")
        .contains("# TYPE blip2_kept_images gauge\nblip2_kept_images 2.5\n")
        .contains("# TYPE blip2_hits_total counter\nblip2_hits_total 3\n")
        .endsWith("\n");
  }

  @Test
  void whatTheLibraryThrowsHasItsStatus() {
    assertThat(Failures.refusal(new UnreadableImageException("no image")).code())
        .isEqualTo("invalid_image");
    assertThat(Failures.refusal(new CheckpointException("writes no text")).status()).isEqualTo(400);
    assertThat(Failures.refusal(new IllegalArgumentException("too long")).status()).isEqualTo(400);
    Refusal full = Failures.refusal(new OverloadedException("8 texts"));
    assertThat(full.status()).isEqualTo(429);
    assertThat(full.headers()).containsKeys("Retry-After", "x-should-retry");
    Refusal failed = Failures.refusal(new InferenceException("at /home/somebody/model"));
    assertThat(failed.status()).isEqualTo(500);
    assertThat(failed).hasMessageNotContaining("somebody");
    Thread.currentThread().interrupt();
    Refusal stopped = Failures.refusal(new InferenceException("interrupted"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(stopped.status()).isEqualTo(503);
  }

  @Test
  void routesMatchTheirPathsOnly() {
    Route whole = new Route("GET", "/a/b", Route.Kind.OPEN, work -> {});
    Route hole = new Route("GET", "/a/{id}", Route.Kind.OPEN, work -> {});
    assertThat(whole.match("/a/b")).contains("");
    assertThat(whole.match("/a/b/")).isEmpty();
    assertThat(whole.match("/a")).isEmpty();
    assertThat(hole.match("/a/x")).contains("x");
    assertThat(hole.match("/a/")).isEmpty();
    assertThat(hole.match("/a/x/y")).isEmpty();
    assertThat(hole.match("/b/x")).isEmpty();
  }

  @Test
  void optionsAreChecked() {
    ServerOptions options = ServerOptions.defaults();
    assertThat(options.address().getAddress().isLoopbackAddress()).isTrue();
    assertThat(options.withPort(0).address().getAddress().isLoopbackAddress()).isTrue();
    assertThatThrownBy(() -> options.withModelName("a b")).hasMessageContaining("modelName (a b)");
    ServerLimits limits = ServerLimits.defaults();
    assertThatThrownBy(() -> limits.withBodyBytes(0)).hasMessageContaining("bodyBytes (0)");
    assertThatThrownBy(() -> limits.withRequests(0, 1)).hasMessageContaining("concurrency (0)");
    assertThatThrownBy(() -> limits.withRequests(1, -1)).hasMessageContaining("queue (-1)");
    assertThatThrownBy(() -> limits.withNewTokens(0)).hasMessageContaining("newTokens (0)");
    assertThatThrownBy(() -> limits.withKept(0, 1)).hasMessageContaining("images (0)");
    assertThat(limits.withKept(1, 0).conversations()).isZero();
    ServerTimeouts times = ServerTimeouts.defaults();
    Duration none = Duration.ZERO;
    assertThatThrownBy(() -> times.withRead(none)).hasMessageContaining("read (PT0S)");
    assertThatThrownBy(() -> times.withWrite(none)).hasMessageContaining("write");
    assertThatThrownBy(() -> times.withQueue(none)).hasMessageContaining("queue");
    assertThatThrownBy(() -> times.withText(none)).hasMessageContaining("text");
    assertThatThrownBy(() -> times.withStop(none)).hasMessageContaining("stop");
    assertThatThrownBy(() -> times.withHeartbeat(Duration.ofSeconds(-1)))
        .hasMessageContaining("heartbeat (PT-1S)");
  }
}
