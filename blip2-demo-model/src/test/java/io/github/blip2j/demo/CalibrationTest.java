package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.Calibration;
import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.TokenProbability;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Weights of four bits that are rounded for sixteen images of one's own say more often what float32
 * says about other images than weights that are each rounded to the nearest.
 */
class CalibrationTest {
  private static final int SHOWN = 16;
  private static final int FIRST = 20;
  private static final int END = 80;
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> PROMPTS =
      List.of(
          "Question: what color is the square? Answer:",
          "Question: what color is the circle? Answer:",
          "Question: what shape is orange? Answer:",
          "Question: how many shapes are there? Answer:");

  @TempDir static Path folder;

  private static Path planted = Path.of("none");
  private static List<GeneratedText> expected = List.of();

  @BeforeAll
  static void plant() {
    planted = new Outliers(1).plant(captioner(), folder.resolve("planted"));
    expected = texts(builder(captioner()).recipe(Recipe.EXACT), END);
  }

  private static Path captioner() {
    return DemoModel.captioner(folder.resolve("cache"));
  }

  private static Blip2Builder builder(Path model) {
    return Blip2.builder().model(model).backend("onnx").cacheDirectory(folder.resolve("cache"));
  }

  private static ImageSource scene(int number) {
    JsonNode scenes = Scenes.json("/demo/fresh/fresh.json").get("cases");
    return Scenes.image("fresh/" + scenes.get(number).get("image").textValue());
  }

  private static Calibration calibration(int images, List<String> prompts) {
    return new Calibration(
        IntStream.range(0, images).mapToObj(CalibrationTest::scene).toList(), prompts);
  }

  private static List<GeneratedText> texts(Blip2Builder builder, int end) {
    GenerationOptions likely = GenerationOptions.builder().topLogProbabilities(1000).build();
    List<GeneratedText> texts = new ArrayList<>();
    try (Blip2 blip2 = builder.load()) {
      for (int i = FIRST; i < end; i++) {
        EncodedImage image = blip2.encode(scene(i));
        List<GenerationRequest> requests = new ArrayList<>();
        requests.add(new GenerationRequest(image, null, likely));
        PROMPTS.forEach(prompt -> requests.add(new GenerationRequest(image, prompt, likely)));
        blip2.generate(requests).forEach(found -> texts.add(found.get(0)));
      }
    }
    return texts;
  }

  /** Equal texts, and nats between the first tokens' distributions. */
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

    private static double divergence(Map<Integer, Double> exact, Map<Integer, Double> found) {
      double sum = 0;
      for (Map.Entry<Integer, Double> token : exact.entrySet()) {
        Double other = found.get(token.getKey());
        sum += other == null ? 0 : Math.exp(token.getValue()) * (token.getValue() - other);
      }
      return sum;
    }
  }

  private static Agreement agreement(Blip2Builder builder) {
    return Agreement.of(texts(builder, END));
  }

  private static Path bundle(String name, String precisions, Calibration with) {
    Path bundle = folder.resolve(name);
    builder(planted).precisions(Precisions.parse(precisions)).calibration(with).convert(bundle);
    return bundle;
  }

  /** On images that were not shown; of a checkpoint with outlier channels. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {"int8,int8-weights,int4", "float32,float32,int4-block32"})
  void otherImagesGainByIt(String precisions) {
    Agreement plain = agreement(builder(planted).precisions(Precisions.parse(precisions)));
    Path bundle = bundle("gain " + precisions, precisions, calibration(SHOWN, PROMPTS));
    Agreement calibrated = agreement(builder(bundle));
    String both = precisions + ": " + plain + ", calibrated " + calibrated;
    assertThat(calibrated.divergence()).as(both).isLessThan(0.6 * plain.divergence());
    assertThat(calibrated.equal()).as(both).isGreaterThanOrEqualTo(plain.equal());
    assertThat(calibrated.equal()).as(both).isGreaterThanOrEqualTo(0.98);
  }

  @Test
  void aBundleIsKnownAsCalibratedAndIsTheSameAgain() throws IOException {
    String precisions = "float32,float32,int4";
    Path first = bundle("first", precisions, calibration(3, PROMPTS.subList(0, 1)));
    Path again = bundle("again", precisions, calibration(3, PROMPTS.subList(0, 1)));
    Path plain = folder.resolve("plain");
    builder(planted).precisions(Precisions.parse(precisions)).convert(plain);
    assertThat(again.resolve(WEIGHTS)).hasSameBinaryContentAs(first.resolve(WEIGHTS));
    assertThat(Files.mismatch(first.resolve(WEIGHTS), plain.resolve(WEIGHTS))).isNotNegative();
    assertThat(Files.size(first.resolve(WEIGHTS))).isEqualTo(Files.size(plain.resolve(WEIGHTS)));
    Checkpoint calibrated = Checkpoint.open(first);
    Bundle made = Objects.requireNonNull(calibrated.bundle());
    assertThat(made.about().calibration()).isEqualTo(new Bundle.Calibrated(3, 6));
    assertThat(made)
        .hasToString(
            "bundle of planted in float32,float32,int4, calibrated on 3 images and 6 texts");
    Bundle other = Objects.requireNonNull(Checkpoint.open(plain).bundle());
    assertThat(other.about().calibration()).isNull();
    assertThat(calibrated.identity())
        .isEqualTo(Checkpoint.open(again).identity())
        .isNotEqualTo(Checkpoint.open(plain).identity());
    List<String> reasons = new ArrayList<>();
    builder(first).listener(new Reasons(reasons)).load().close();
    assertThat(reasons).anyMatch(r -> r.endsWith("calibrated on 3 images and 6 texts"));
    try (Stream<Path> cached = Files.walk(folder.resolve("cache"))) {
      assertThat(cached.map(Path::toString)).noneMatch(file -> file.endsWith(".samples"));
    }
  }

  private record Reasons(List<String> found) implements LoadListener {
    @Override
    public void progress(String stage, long done, long total) {}

    @Override
    public void planned(List<Decision<?>> plan) {
      plan.forEach(decision -> found.add(decision.reason()));
    }
  }

  /** Weights in the cache folder are the checkpoint's in that precision, calibrated or not. */
  @Test
  void whatIsCachedIsNeverCalibrated() {
    Blip2Builder small = builder(planted).precisions(Precisions.parse("float32,float32,int4"));
    List<String> before = words(small);
    Path bundle = bundle("apart", "float32,float32,int4", calibration(2, List.of()));
    Blip2Builder fresh =
        Blip2.builder()
            .model(planted)
            .backend("onnx")
            .cacheDirectory(folder.resolve("fresh"))
            .precisions(Precisions.parse("float32,float32,int4"));
    assertThat(words(builder(planted).precisions(Precisions.parse("float32,float32,int4"))))
        .isEqualTo(before);
    assertThat(words(fresh)).isEqualTo(before);
    assertThat(words(builder(bundle))).hasSameSizeAs(before);
  }

  private static List<String> words(Blip2Builder builder) {
    return texts(builder, FIRST + 10).stream()
        .map(text -> text.text() + " " + text.logProbabilities())
        .toList();
  }
}
