package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The captioner writes what the reference writes, and is as often right as its card says. */
class CaptionerTest {
  private static final JsonNode CARD =
      Scenes.json("/io/github/blip2j/demo/captioner/accuracy.json");

  private static final GenerationOptions OPTIONS =
      GenerationOptions.defaults().withMaxNewTokens(30);

  @TempDir static Path cache;

  private static Blip2 load(String backend) {
    return Blip2.builder()
        .model(DemoModel.captioner(cache))
        .backend(backend)
        .cacheDirectory(cache)
        .load();
  }

  private static String text(Blip2 blip2, EncodedImage image, JsonNode prompt) {
    return prompt.isNull()
        ? blip2.captioner().withOptions(OPTIONS).caption(image).text()
        : blip2.promptedCaptioner(prompt.textValue()).withOptions(OPTIONS).caption(image).text();
  }

  /** All texts about an image at once. */
  private static List<String> texts(Blip2 blip2, ImageSource image, JsonNode prompts) {
    List<GenerationRequest> requests = new ArrayList<>();
    prompts.forEach(
        p ->
            requests.add(new GenerationRequest(image, p.isNull() ? null : p.textValue(), OPTIONS)));
    return blip2.generate(requests).stream().map(texts -> texts.get(0).text()).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void textsAreTheReferences(String backend) {
    JsonNode cases = Scenes.json("/demo/golden/golden.json").get("cases");
    assertThat(cases).hasSize(24);
    try (Blip2 blip2 = load(backend)) {
      for (JsonNode c : cases) {
        String name = c.get("image").textValue();
        EncodedImage image = blip2.encode(Scenes.image("golden/" + name));
        for (int i = 0; i < c.get("prompts").size(); i++) {
          assertThat(text(blip2, image, c.get("prompts").get(i)))
              .as("%s, prompt %d", name, i)
              .isEqualTo(c.get("texts").get(i).textValue());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void freshScenesAreSeenAsOftenAsTheCardSays(String backend) {
    JsonNode cases = Scenes.json("/demo/fresh/fresh.json").get("cases");
    assertThat(cases).hasSize(100);
    int captions = 0;
    int answers = 0;
    try (Blip2 blip2 = load(backend)) {
      for (JsonNode c : cases) {
        ImageSource image = Scenes.image("fresh/" + c.get("image").textValue());
        List<String> texts = texts(blip2, image, c.get("prompts"));
        for (int i = 0; i < texts.size(); i++) {
          boolean right = texts.get(i).equals(c.get("answers").get(i).textValue());
          captions += right && i == 0 ? 1 : 0;
          answers += right && i > 0 ? 1 : 0;
        }
      }
    }
    Rates.check(captions, 100, CARD.get("caption_exact").doubleValue());
    Rates.check(answers, 400, CARD.get("answers_right").doubleValue());
  }

  @Test
  void theCardsAccuracyIsWhatWasPromised() {
    assertThat(CARD.get("scenes").intValue()).isGreaterThanOrEqualTo(500);
    assertThat(CARD.get("caption_exact").doubleValue()).isGreaterThanOrEqualTo(0.9);
    assertThat(CARD.get("answers_right").doubleValue()).isGreaterThanOrEqualTo(0.95);
    assertThat(CARD.get("second_turn_right").doubleValue()).isGreaterThanOrEqualTo(0.95);
  }
}
