package io.github.blip2j.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The built-in model writes what the reference writes, and is as often right as its card says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoModelTest {
  @TempDir static Path cache;
  private Path model;

  @BeforeAll
  void unpack() {
    model = DemoModel.directory(cache);
  }

  private static byte[] resource(String name) {
    try (InputStream in = DemoModelTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static JsonNode json(String name) throws IOException {
    return Output.MAPPER.readTree(resource(name));
  }

  private Blip2 load(String backend) {
    return Blip2.builder().model(model).backend(backend).cacheDirectory(cache).load();
  }

  private static String text(Blip2 blip2, ImageSource image, JsonNode prompt) {
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(30);
    return prompt.isNull()
        ? blip2.captioner().withOptions(options).caption(image).text()
        : blip2.promptedCaptioner(prompt.textValue()).withOptions(options).caption(image).text();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void textsAreTheReferences(String backend) throws IOException {
    JsonNode cases = json("/demo/golden/golden.json").get("cases");
    assertThat(cases).hasSize(24);
    try (Blip2 blip2 = load(backend)) {
      for (JsonNode c : cases) {
        String name = c.get("image").textValue();
        ImageSource image = ImageSource.of(resource("/demo/golden/" + name));
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
  void freshScenesAreSeenAsOftenAsTheCardSays(String backend) throws IOException {
    JsonNode cases = json("/demo/fresh/fresh.json").get("cases");
    assertThat(cases).hasSize(100);
    int captions = 0;
    int answers = 0;
    try (Blip2 blip2 = load(backend)) {
      for (JsonNode c : cases) {
        ImageSource image = ImageSource.of(resource("/demo/fresh/" + c.get("image").textValue()));
        for (int i = 0; i < c.get("prompts").size(); i++) {
          boolean right =
              text(blip2, image, c.get("prompts").get(i))
                  .equals(c.get("answers").get(i).textValue());
          captions += right && i == 0 ? 1 : 0;
          answers += right && i > 0 ? 1 : 0;
        }
      }
    }
    JsonNode card = json("/io/github/blip2j/examples/demo-model/accuracy.json");
    checkRate(captions, 100, card.get("caption_exact").doubleValue());
    checkRate(answers, 400, card.get("answers_right").doubleValue());
  }

  /** Four bits: of 400 questions and 100 captions that nobody trained on, 98 of 100 agree. */
  @Test
  void fourBitsAgreeWithFloat32() throws IOException {
    JsonNode cases = json("/demo/fresh/fresh.json").get("cases");
    try (Blip2 exact = load("onnx");
        Blip2 narrow =
            Blip2.builder()
                .model(model)
                .backend("onnx")
                .precision(Precision.INT4)
                .cacheDirectory(cache)
                .load()) {
      PrecisionQuality quality =
          new PrecisionQuality(exact, narrow, GenerationOptions.defaults().withMaxNewTokens(30));
      for (JsonNode c : cases) {
        List<@Nullable String> prompts = new ArrayList<>();
        c.get("prompts").forEach(p -> prompts.add(p.textValue()));
        String name = c.get("image").textValue();
        quality.compare(ImageSource.of(resource("/demo/fresh/" + name)), prompts);
      }
      PrecisionQuality.Result result = quality.result();
      assertThat(result.texts()).isEqualTo(500);
      assertThat(result.wholeTexts()).as("%s", result).isGreaterThanOrEqualTo(0.98);
      assertThat(result.divergence()).isBetween(0.0, 0.1);
    }
  }

  /** Within three standard errors of a rate, and one scene for a rate next to 1. */
  private static void checkRate(int right, int of, double rate) {
    double error = Math.sqrt(of * rate * (1 - rate));
    assertThat((double) right).isBetween(of * rate - 3 * error - 1, (double) of);
  }

  @Test
  void theCardsAccuracyIsWhatWasPromised() throws IOException {
    JsonNode card = json("/io/github/blip2j/examples/demo-model/accuracy.json");
    assertThat(card.get("scenes").intValue()).isGreaterThanOrEqualTo(500);
    assertThat(card.get("caption_exact").doubleValue()).isGreaterThanOrEqualTo(0.9);
    assertThat(card.get("answers_right").doubleValue()).isGreaterThanOrEqualTo(0.95);
    assertThat(card.get("second_turn_right").doubleValue()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void isWrittenOnceAndSmall() throws IOException {
    Path weights = model.resolve("model.safetensors");
    assertThat(Files.size(weights)).isLessThan(12_000_000);
    Files.delete(model.resolve("config.json"));
    var made = Files.getLastModifiedTime(weights);
    assertThat(DemoModel.directory(cache)).isEqualTo(model);
    assertThat(model.resolve("config.json")).exists();
    assertThat(Files.getLastModifiedTime(weights)).isEqualTo(made);
    try (var files = Files.list(model)) {
      assertThat(files).noneMatch(f -> f.toString().contains("partial"));
    }
  }

  @Test
  void theCommandLineSaysWhatItIs() throws IOException {
    String picture = Path.of("..", "samples", "scene-00.png").toString();
    JsonNode golden = json("/demo/golden/golden.json").get("cases").get(0);
    Run caption = Run.of("caption", picture);
    assertThat(caption.status()).as(caption.err()).isZero();
    assertThat(caption.out().strip()).isEqualTo(golden.get("texts").get(0).textValue());
    assertThat(caption.err()).contains("only generated scenes").contains("--model");
    Run ask = Run.of("ask", picture, "how many shapes are there?");
    assertThat(List.of("one", "two", "three")).contains(ask.out().strip());
    assertThat(ask.err()).contains("only generated scenes");
  }
}
