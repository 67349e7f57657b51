package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that give no numbers, and users that do. */
class NotFiniteTest {
  private static final ImageSource IMAGE = ImageSource.of(Fixtures.image("photo.jpg"));

  @TempDir Path folder;

  private static void refused(ThrowingCallable call, String stage) {
    assertThatThrownBy(call)
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining(stage)
        .hasMessageContaining("expected finite numbers, found NaN");
  }

  private Blip2 spoiled(String fixture, String tensor) {
    return Blip2.load(Checkpoints.spoiled(fixture, folder.resolve(tensor), tensor));
  }

  @Test
  void matchingGivesNumbersOrOurException() {
    try (Blip2 blip2 = spoiled("tiny-itm", "itm_head.bias")) {
      refused(() -> blip2.matcher().probabilities(IMAGE, List.of("a cat")), "matching head");
      refused(() -> blip2.matcher().match(IMAGE, "a cat"), "matching head");
      assertThat(blip2.embedder().text("a cat")).isNotNull(); // needs no such head
    }
    try (Blip2 blip2 = spoiled("tiny-itm", "text_projection.bias")) {
      refused(() -> blip2.embedder().text("a cat"), "text projection");
      refused(() -> blip2.zeroShotClassifier(List.of("cat"), List.of("a {}")), "text projection");
    }
    try (Blip2 blip2 = spoiled("tiny-itm", "vision_projection.bias")) {
      refused(() -> blip2.encode(IMAGE), "projection");
    }
    try (Blip2 blip2 = spoiled("tiny-itm", "vision_model.post_layernorm.bias")) {
      refused(() -> blip2.embedder().image(IMAGE), "qformer");
    }
  }

  @Test
  void captionsNameTheStageThatFailed() {
    try (Blip2 blip2 = spoiled("tiny-opt", "qformer.layernorm.bias")) {
      refused(() -> blip2.caption(IMAGE), "qformer");
    }
  }

  @Test
  void aUsersScoresAreLookedAt() {
    try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-opt"))) {
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        for (int beams : new int[] {1, 3}) {
          GenerationOptions options =
              GenerationOptions.builder()
                  .numBeams(beams)
                  .scoreProcessors(List.of((tokens, scores) -> scores[5] = bad))
                  .build();
          GenerationRequest request = new GenerationRequest(IMAGE, null, options);
          assertThatIllegalArgumentException()
              .isThrownBy(() -> blip2.generate(List.of(request)))
              .withMessageContaining("but gave " + bad + " for token 5");
        }
      }
    }
  }
}
