package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.TokenProbability;
import io.github.blip2j.image.EncodedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Eight bits hold where a few channels are far larger than the rest, as in every large vision
 * transformer and language model. The built-in model has none, so they are planted: float32
 * computes the same, and what rounds activations or weights with a scale that others share does
 * not.
 */
class OutlierTest {
  private static final int SCENES = 50;
  private static final GenerationOptions LIKELY =
      GenerationOptions.builder().topLogProbabilities(1000).build();

  @TempDir static Path folder;

  private static List<GeneratedText> expected = List.of();
  private static Path planted = Path.of("none");

  @BeforeAll
  static void readTheExactTexts() {
    expected = texts(Blip2.builder().model(captioner()).recipe(Recipe.EXACT).backend("onnx"));
    assertThat(expected).hasSize(2 * SCENES);
    planted = new Outliers(1).plant(captioner(), folder.resolve("planted"));
  }

  private static Path captioner() {
    return DemoModel.captioner(folder.resolve("cache"));
  }

  private static Blip2Builder builder(String backend) {
    return Blip2.builder().model(planted).backend(backend).cacheDirectory(folder.resolve("cache"));
  }

  /** A caption and an answer for each of fifty scenes. */
  private static List<GeneratedText> texts(Blip2Builder builder) {
    List<GeneratedText> texts = new ArrayList<>();
    try (Blip2 blip2 = builder.load()) {
      JsonNode scenes = Scenes.json("/demo/fresh/fresh.json").get("cases");
      for (int i = 0; i < SCENES; i++) {
        JsonNode scene = scenes.get(i);
        EncodedImage image = blip2.encode(Scenes.image("fresh/" + scene.get("image").textValue()));
        String question = scene.get("prompts").get(1).textValue();
        String prompt = blip2.vqa().template().replace("{}", question);
        List<GenerationRequest> both =
            List.of(
                new GenerationRequest(image, null, LIKELY),
                new GenerationRequest(image, prompt, LIKELY));
        blip2.generate(both).forEach(found -> texts.add(found.get(0)));
      }
    }
    return texts;
  }

  /** What is said of a precision: equal texts, and nats between the first tokens' distributions. */
  private record Agreement(double equal, double divergence) {
    static Agreement of(List<GeneratedText> found) {
      double equal = 0;
      double divergence = 0;
      for (int i = 0; i < found.size(); i++) {
        equal += found.get(i).text().equals(expected.get(i).text()) ? 1 : 0;
        divergence += divergence(first(expected.get(i)), first(found.get(i)));
      }
      return new Agreement(equal / found.size(), divergence / found.size());
    }

    private static Map<Integer, Double> first(GeneratedText text) {
      Map<Integer, Double> likely = new HashMap<>();
      for (TokenProbability t : text.alternatives().get(0)) {
        likely.put(t.token(), t.logProbability());
      }
      return likely;
    }

    /** Kullback-Leibler. */
    private static double divergence(Map<Integer, Double> exact, Map<Integer, Double> found) {
      double sum = 0;
      for (Map.Entry<Integer, Double> token : exact.entrySet()) {
        Double other = found.get(token.getKey());
        if (other != null) {
          sum += Math.exp(token.getValue()) * (token.getValue() - other);
        }
      }
      return sum;
    }
  }

  private static void holds(Blip2Builder builder) {
    Agreement agreement = Agreement.of(texts(builder));
    assertThat(agreement.equal()).as("%s", agreement).isGreaterThanOrEqualTo(0.98);
    assertThat(agreement.divergence()).as("%s", agreement).isLessThanOrEqualTo(0.01);
  }

  @Test
  void plantingChangesNothingThatFloat32Says() {
    Agreement agreement = Agreement.of(texts(builder("onnx").recipe(Recipe.EXACT)));
    assertThat(agreement.equal()).isEqualTo(1);
    assertThat(agreement.divergence()).isLessThan(1e-6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "onnx int8,float32,int8",
        "onnx int8-weights,int8-weights,int8",
        "djl int8,float32,int8"
      })
  void eightBitsHold(String backend, String precisions) {
    holds(builder(backend).precisions(Precisions.parse(precisions)));
  }

  @Test
  void balancedTextsStayFloat32s() {
    holds(builder("onnx").recipe(Recipe.BALANCED));
  }

  /** Four bits by themselves change some texts. */
  @Test
  void smallTextsHardlyDiffer() {
    Agreement agreement = Agreement.of(texts(builder("onnx").recipe(Recipe.SMALL)));
    assertThat(agreement.equal()).as("%s", agreement).isGreaterThanOrEqualTo(0.95);
  }
}
