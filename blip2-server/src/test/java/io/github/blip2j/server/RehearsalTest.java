package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.server.http.Reply;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** What a server asks itself before others do, and that nothing of it is left. */
class RehearsalTest {
  private static Blip2 counting() {
    return Blip2.builder().model(DemoModel.captioner()).backend("onnx").imageCache(1 << 20).load();
  }

  /** Every model is given both kinds of file, and those that write texts write about them. */
  @Test
  void allModelsAreAskedAboutBothKindsOfFile() {
    try (Blip2 first = counting();
        Blip2 second = counting();
        Blip2 matcher = Blip2.builder().model(DemoModel.matcher()).imageCache(1 << 20).load()) {
      Blip2Server.warmUp(
          first, List.of(new ServedModel("second", second), new ServedModel("matcher", matcher)));
      for (Blip2 one : List.of(first, second, matcher)) {
        assertThat(one.imageCacheStatistics().misses()).as("PNG and JPEG").isEqualTo(2);
      }
      assertThat(first.prefixCacheStatistics().misses()).isEqualTo(2);
      assertThat(first.prefixCacheStatistics().hits()).isGreaterThanOrEqualTo(2);
      assertThat(second.prefixCacheStatistics().misses()).isEqualTo(2);
    }
  }

  @Test
  void aServerThatIsStartedLaterCountsNoneOfIt() {
    try (Blip2 blip2 = Demo.captioner()) {
      Blip2Server.warmUp(blip2, List.of());
      try (Blip2Server server = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0))) {
        Client client = new Client(server.uri());
        String metrics = client.ask("/metrics").body();
        assertThat(metrics)
            .contains("blip2_generated_tokens_total 0\n", "blip2_kept_images 0\n")
            .contains("blip2_kept_conversations 0\n", "blip2_active_requests 0\n")
            .doesNotContain("/api/images");
        assertThat(client.post("/api/caption", "image/png", Demo.scene(0)).at("/text").asText())
            .isEqualTo(Demo.caption(0));
      }
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("blip2-server-heartbeat"));
  }

  @Test
  void aModelThatDoesNotAnswerIsToldOf() {
    Blip2 closed = Demo.captioner();
    closed.close();
    assertThatThrownBy(() -> Blip2Server.warmUp(closed, List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/api/images was not answered");
  }

  @Test
  void theImageIsTheSameInBothFormats() throws IOException {
    BufferedImage png = ImageIO.read(new ByteArrayInputStream(Rehearsal.image("png")));
    BufferedImage jpeg = ImageIO.read(new ByteArrayInputStream(Rehearsal.image("jpg")));
    assertThat(jpeg.getWidth()).isEqualTo(png.getWidth());
    assertThat(jpeg.getHeight()).isEqualTo(png.getHeight());
    int middle = png.getRGB(png.getWidth() / 2, png.getHeight() / 2);
    assertThat(middle).isEqualTo(0xffd03020);
    int near = jpeg.getRGB(png.getWidth() / 2, png.getHeight() / 2);
    assertThat(Math.abs((near >> 16 & 255) - 0xd0)).isLessThan(8);
    assertThat(png.getRGB(0, 0)).isNotEqualTo(png.getRGB(png.getWidth() - 1, 0));
  }

  @Test
  void anAnswerStaysInMemory() throws IOException {
    InnerCall whole = new InnerCall("POST", "/a", "image/png", new byte[] {1});
    assertThat(whole.header("Content-Type")).contains("image/png");
    assertThat(whole.header("Host")).contains("127.0.0.1");
    assertThat(whole.header("Authorization")).isEmpty();
    assertThat(whole.status()).isZero();
    whole.reply(Reply.json(201, "{}"));
    assertThat(whole.status()).isEqualTo(201);
    assertThat(whole.answer()).asString().isEqualTo("{}");
    InnerCall streamed = new InnerCall("POST", "/a", "image/png", new byte[0]);
    try (OutputStream out = streamed.stream("text/event-stream")) {
      out.write('x');
      assertThat(streamed.sent()).isEqualTo(1);
    }
    assertThat(streamed.status()).isEqualTo(200);
  }
}
