package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.server.Client.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whose beginning in the language model is kept: that of an image with an id, which comes again.
 * Others would fill the prefix cache up to its bound, and take the place of these.
 */
class KeptBeginningsTest {
  private final Blip2 blip2 = Demo.captioner();
  private final Blip2Server server = Blip2Server.start(blip2, ServerOptions.defaults().withPort(0));
  private final Client client = new Client(server.uri());

  @BeforeEach
  void nothingIsKeptYet() {
    assertThat(blip2.prefixCacheStatistics()).isEqualTo(new CacheStatistics(0, 0, 0, 0, 0));
  }

  @AfterEach
  void close() {
    server.close();
    blip2.close();
  }

  private static ObjectNode about(int scene) {
    return Json.object().put("image", Demo.url(scene));
  }

  private void ask(String path, ObjectNode request) {
    Answer answer = client.post(path, request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void anImageThatCameWithItsRequestLeavesNone() {
    for (int scene = 0; scene < Demo.SCENES; scene++) {
      Answer caption = client.post("/api/caption", "image/png", Demo.scene(scene));
      assertThat(caption.at("/text").asText()).isEqualTo(Demo.caption(scene));
      assertThat(caption.at("/usage/prompt_tokens").asInt()).isGreaterThan(8);
      ask("/api/caption", about(scene).put("stream", true));
      ask("/api/ask", about(scene).put("question", Demo.question(scene, 1)));
      ask("/api/chat", about(scene).put("question", Demo.question(scene, 1)));
      ask("/api/chat", about(scene).put("question", Demo.question(scene, 1)).put("stream", true));
      ObjectNode beams = about(scene).put("question", Demo.question(scene, 1));
      beams.putObject("options").put("num_beams", 2).put("num_return_sequences", 2);
      ask("/api/chat", beams);
    }
    assertThat(blip2.prefixCacheStatistics()).isEqualTo(new CacheStatistics(0, 0, 0, 0, 0));
  }

  @Test
  void thatOfAnImageWithAnIdIsFoundAgain() {
    Answer kept = client.post("/api/images", "image/png", Demo.scene(1));
    String id = kept.at("/image_id").asText();
    for (int question = 1; question <= 2; question++) {
      ObjectNode request = Json.object().put("image_id", id);
      Answer answer = client.post("/api/ask", request.put("question", Demo.question(1, question)));
      assertThat(answer.at("/text").asText()).isEqualTo(Demo.answer(1, question));
      assertThat(answer.at("/timings/image_ms").asInt()).as("encoded before").isZero();
    }
    assertThat(blip2.prefixCacheStatistics().hits()).isEqualTo(1);
    assertThat(blip2.prefixCacheStatistics().entries()).isEqualTo(1);
  }

  @Test
  void anImagesTokensAreCountedWithoutEncodingIt() {
    ImageSource scene = ImageSource.of(Demo.scene(0));
    assertThat(blip2.tokenizer().imageTokens(scene))
        .isEqualTo(blip2.encode(scene).projected().length);
  }
}
