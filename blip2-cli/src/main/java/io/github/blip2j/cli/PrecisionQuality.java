package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.TokenProbability;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a lower precision is from float32, over any number of images and prompts. For one thread.
 */
final class PrecisionQuality {
  /** Most likely first tokens over which distributions are compared; at most the vocabulary. */
  private static final int MOST_LIKELY = 1000;

  private final Blip2 exact;
  private final Blip2 narrow;
  private final GenerationOptions options;
  private int texts;
  private int sameFirst;
  private int sameText;
  private double divergence;
  private double exactScore;
  private double narrowScore;

  PrecisionQuality(Blip2 exact, Blip2 narrow, GenerationOptions options) {
    this.exact = exact;
    this.narrow = narrow;
    this.options = options;
  }

  /** Compares both on one image, which each encodes in its own precision. */
  void compare(ImageSource image, List<@Nullable String> prompts) {
    EncodedImage whole = exact.encode(image);
    EncodedImage rounded = narrow.encode(image);
    for (@Nullable String prompt : prompts) {
      GeneratedText expected = one(exact, whole, prompt, options);
      GeneratedText found = one(narrow, rounded, prompt, options);
      texts++;
      sameFirst += expected.tokenIds().get(0).equals(found.tokenIds().get(0)) ? 1 : 0;
      sameText += expected.text().equals(found.text()) ? 1 : 0;
      divergence += divergence(first(exact, whole, prompt), first(narrow, rounded, prompt));
      exactScore += sum(expected);
      narrowScore += sum(one(narrow, rounded, prompt, forced(expected)));
    }
  }

  private static double sum(GeneratedText text) {
    return text.logProbabilities().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static GeneratedText one(
      Blip2 blip2, EncodedImage image, @Nullable String prompt, GenerationOptions options) {
    return blip2.generate(List.of(new GenerationRequest(image, prompt, options))).get(0).get(0);
  }

  /** Leaves no choice but another text's tokens; their log-probabilities are the model's own. */
  private static GenerationOptions forced(GeneratedText text) {
    return GenerationOptions.builder()
        .maxNewTokens(text.tokenIds().size())
        .choices(List.of(text.tokenIds()))
        .build();
  }

  private static List<TokenProbability> first(
      Blip2 blip2, EncodedImage image, @Nullable String prompt) {
    GenerationOptions likely =
        GenerationOptions.builder().maxNewTokens(1).topLogProbabilities(MOST_LIKELY).build();
    return one(blip2, image, prompt, likely).alternatives().get(0);
  }

  /** Kullback-Leibler divergence in nats, over the tokens that both find likely. */
  private static double divergence(List<TokenProbability> exact, List<TokenProbability> narrow) {
    Map<Integer, Double> found = new HashMap<>();
    narrow.forEach(t -> found.put(t.token(), t.logProbability()));
    double sum = 0;
    for (TokenProbability t : exact) {
      Double other = found.get(t.token());
      if (other != null) {
        sum += Math.exp(t.logProbability()) * (t.logProbability() - other);
      }
    }
    return sum;
  }

  /**
   * What was found.
   *
   * @param texts compared
   * @param firstTokens share of them whose first token agrees
   * @param wholeTexts share of them that agree
   * @param divergence mean Kullback-Leibler divergence of the first token's distribution, nats
   * @param exactScore mean log-probability of float32's text in float32
   * @param narrowScore mean log-probability of the same text in the lower precision
   */
  record Result(
      int texts,
      double firstTokens,
      double wholeTexts,
      double divergence,
      double exactScore,
      double narrowScore) {}

  Result result() {
    double n = texts;
    return new Result(
        texts, sameFirst / n, sameText / n, divergence / n, exactScore / n, narrowScore / n);
  }
}
