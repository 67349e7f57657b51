package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.retrieval.Match;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Compares a model with what is published of it.
 *
 * @param images the published images that are there, by name
 */
record PublishedCheck(Blip2 blip2, Map<String, ImageInput> images) {

  /**
   * How one check went.
   *
   * @param name what was asked
   * @param difference from what is published, or null if there is none
   */
  record Verdict(String name, @Nullable String difference) {}

  /** Whether what a check needs is there. */
  boolean possible(JsonNode check) {
    return !check.has("image") || images.containsKey(check.get("image").asText());
  }

  Verdict run(JsonNode check) {
    String kind = check.get("check").asText();
    return switch (kind) {
      case "tokens" -> tokens(check);
      case "text" -> text(check);
      case "match" -> match(check);
      case "image_vector" ->
          numbers("image vector", check, head(blip2.embedder().image(image(check)).projected()[0]));
      case "text_vector" ->
          numbers(
              "text vector", check, head(blip2.embedder().text(texts(check).get(0)).embedding()));
      case "labels" -> numbers("labels " + texts(check), check, labels(check));
      default -> throw new IllegalStateException("unknown check " + kind);
    };
  }

  private ImageInput image(JsonNode check) {
    String name = check.get("image").asText();
    return Objects.requireNonNull(images.get(name), name);
  }

  private static List<String> texts(JsonNode check) {
    JsonNode node = check.has("texts") ? check.get("texts") : check.get("text");
    return new Value("texts", node).texts();
  }

  private GeneratedText generated(JsonNode check) {
    GenerationOptionsBuilder options = GenerationOptions.builder();
    if (check.has("max_new_tokens")) {
      options.maxNewTokens(check.get("max_new_tokens").intValue());
    }
    if (check.has("num_beams")) {
      options.numBeams(check.get("num_beams").intValue());
    }
    GenerationRequest request =
        new GenerationRequest(image(check), check.get("prompt").textValue(), options.build());
    return blip2.generate(List.of(request)).get(0).get(0);
  }

  private static String name(JsonNode check) {
    String prompt = check.get("prompt").textValue();
    String beams = check.has("num_beams") ? ", " + check.get("num_beams") + " beams" : "";
    return "image "
        + check.get("image").asText()
        + beams
        + ", "
        + (prompt == null ? "no prompt" : "\"" + prompt + "\"");
  }

  private Verdict tokens(JsonNode check) {
    List<Integer> expected = new ArrayList<>();
    check.get("ids").forEach(id -> expected.add(id.intValue()));
    List<Integer> found = generated(check).tokenIds();
    if (found.equals(expected)) {
      return new Verdict(name(check), null);
    }
    int at = 0;
    while (at < Math.min(found.size(), expected.size()) && found.get(at).equals(expected.get(at))) {
      at++;
    }
    String difference =
        String.format(
            Locale.ROOT,
            "token %d: expected %s, found %s; expected text \"%s\" %s, found \"%s\" %s",
            at,
            token(expected, at),
            token(found, at),
            decoded(expected),
            expected,
            decoded(found),
            found);
    return new Verdict(name(check), difference);
  }

  private String decoded(List<Integer> ids) {
    return blip2.tokenizer().decode(known(ids)).strip();
  }

  /** Another vocabulary may not have what is published. */
  private List<Integer> known(List<Integer> ids) {
    return ids.stream().filter(id -> id < blip2.tokenizer().vocabularySize()).toList();
  }

  private static String token(List<Integer> ids, int at) {
    return at < ids.size() ? ids.get(at).toString() : "the end";
  }

  private Verdict text(JsonNode check) {
    String expected = check.get("text").textValue();
    String found = generated(check).text();
    return new Verdict(
        name(check),
        found.equals(expected) ? null : "expected \"" + expected + "\", found \"" + found + "\"");
  }

  private Verdict match(JsonNode check) {
    Match found = blip2.matcher().match(image(check), texts(check)).get(0);
    List<String> differences = new ArrayList<>();
    difference("itm_probability", check, found.itmProbability(), differences);
    difference("itc_similarity", check, found.itcSimilarity(), differences);
    return new Verdict(
        "image " + check.get("image").asText() + ", \"" + check.get("text").asText() + "\"",
        differences.isEmpty() ? null : String.join("; ", differences));
  }

  private static void difference(String key, JsonNode check, double found, List<String> into) {
    compare(key, check, new double[] {check.get(key).doubleValue(), found}, into);
  }

  private static void compare(String key, JsonNode check, double[] pair, List<String> into) {
    if (!(Math.abs(pair[0] - pair[1]) <= check.get("tolerance").doubleValue())) { // not so of NaN
      into.add(
          String.format(
              Locale.ROOT,
              "%s: expected %.4f within %s, found %.4f",
              key,
              pair[0],
              check.get("tolerance").asText(),
              pair[1]));
    }
  }

  private static Verdict numbers(String name, JsonNode check, double[] found) {
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < check.get("values").size(); i++) {
      double[] pair = {check.get("values").get(i).doubleValue(), found[i]};
      compare("value " + i, check, pair, differences);
    }
    return new Verdict(name, differences.isEmpty() ? null : String.join("; ", differences));
  }

  private static double[] head(float[] vector) {
    double[] values = new double[vector.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = vector[i];
    }
    return values;
  }

  /** The pipeline's scores: a softmax over the cosines themselves. */
  private double[] labels(JsonNode check) {
    List<Match> matches = blip2.matcher().match(image(check), texts(check));
    double[] exponents = matches.stream().mapToDouble(m -> Math.exp(m.itcSimilarity())).toArray();
    double sum = 0;
    for (double e : exponents) {
      sum += e;
    }
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] /= sum;
    }
    return exponents;
  }
}
