package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.retrieval.Match;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The matcher scores as the reference does, and is as often right as its card says. */
class MatcherTest {
  private static final JsonNode CARD = Scenes.json("/io/github/blip2j/demo/matcher/accuracy.json");

  @TempDir static Path cache;

  private static Blip2 load(String backend) {
    return Blip2.builder()
        .model(DemoModel.matcher(cache))
        .backend(backend)
        .cacheDirectory(cache)
        .load();
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void scoresAreTheReferences(String backend) {
    JsonNode cases = Scenes.json("/demo/golden/matching.json").get("cases");
    assertThat(cases).hasSize(24);
    try (Blip2 blip2 = load(backend)) {
      assertThat(blip2.capabilities()).containsExactly(Capability.MATCH);
      for (JsonNode c : cases) {
        String name = c.get("image").textValue();
        List<String> texts = texts(c.get("texts"));
        List<Match> found = blip2.matcher().match(Scenes.image("golden/" + name), texts);
        for (int i = 0; i < texts.size(); i++) {
          assertThat(found.get(i).itmProbability())
              .as("%s: %s", name, texts.get(i))
              .isCloseTo(c.get("itm_probability").get(i).doubleValue(), within(1e-4));
          assertThat(found.get(i).itcSimilarity())
              .as("%s: %s", name, texts.get(i))
              .isCloseTo(c.get("itc_similarity").get(i).doubleValue(), within(1e-4));
        }
      }
    }
  }

  /** Each scene with its caption, three true texts, and three with one thing changed. */
  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void freshScenesAreMatchedAsOftenAsTheCardSays(String backend) {
    JsonNode cases = Scenes.json("/demo/fresh/statements.json").get("cases");
    assertThat(cases).hasSize(100);
    List<String> captions = new ArrayList<>();
    cases.forEach(c -> captions.add(c.get("caption").textValue()));
    List<EncodedImage> images = new ArrayList<>();
    int yes = 0;
    int no = 0;
    int first;
    try (Blip2 blip2 = load(backend)) {
      for (int i = 0; i < cases.size(); i++) {
        JsonNode c = cases.get(i);
        EncodedImage image = blip2.encode(Scenes.image("fresh/" + c.get("image").textValue()));
        List<String> asked = new ArrayList<>(List.of(captions.get(i)));
        asked.addAll(texts(c.get("true")));
        int right = asked.size();
        asked.addAll(texts(c.get("false")));
        List<Match> found = blip2.matcher().match(image, asked);
        for (int t = 0; t < asked.size(); t++) {
          boolean matches = found.get(t).itmProbability() >= 0.5;
          yes += matches && t < right ? 1 : 0;
          no += !matches && t >= right ? 1 : 0;
        }
        images.add(image);
      }
      first = firstCaptions(blip2.matcher().similarities(images, captions), cases);
    }
    Rates.check(yes, 400, CARD.get("itm_true_texts").doubleValue());
    Rates.check(no, 300, CARD.get("itm_false_texts").doubleValue());
    Rates.check(first, 100, CARD.get("itc_caption_of_image").doubleValue());
  }

  /** Images of which the most similar of all captions is true; their own is seldom the only one. */
  private static int firstCaptions(double[][] similarities, JsonNode cases) {
    int first = 0;
    for (int i = 0; i < similarities.length; i++) {
      List<Double> row = Arrays.stream(similarities[i]).boxed().toList();
      int best = row.indexOf(Collections.max(row));
      List<Integer> right = new ArrayList<>();
      cases.get(i).get("true_captions").forEach(c -> right.add(c.intValue()));
      assertThat(right).contains(i).hasSizeLessThan(10);
      first += right.contains(best) ? 1 : 0;
    }
    return first;
  }

  @Test
  void theCardsAccuracyIsWhatWasPromised() {
    assertThat(CARD.get("scenes").intValue()).isGreaterThanOrEqualTo(500);
    assertThat(CARD.get("candidates").intValue()).isGreaterThanOrEqualTo(100);
    assertThat(CARD.get("itm_true_texts").doubleValue()).isGreaterThanOrEqualTo(0.95);
    assertThat(CARD.get("itm_false_texts").doubleValue()).isGreaterThanOrEqualTo(0.85);
    assertThat(CARD.get("itc_caption_of_image").doubleValue()).isGreaterThanOrEqualTo(0.95);
    assertThat(CARD.get("itc_image_of_caption").doubleValue()).isGreaterThanOrEqualTo(0.95);
  }
}
