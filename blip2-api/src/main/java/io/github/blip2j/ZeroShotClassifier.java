package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.engine.MatchingHead;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.retrieval.ScoredLabel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Sorts images under labels that nobody trained it for: a label's vector is the mean of its vectors
 * in every template, and an image's score for it their similarity (image-text contrast). The labels
 * are read once. Immutable; safe for many threads while its {@link Blip2} is open.
 */
public final class ZeroShotClassifier {
  private static final String HOLE = "{}";

  private final Engine engine;
  private final List<String> labels;
  private final List<float[]> embeddings;
  private final double temperature;

  private ZeroShotClassifier(
      Engine engine, List<String> labels, List<float[]> embeddings, double temperature) {
    this.engine = engine;
    this.labels = labels;
    this.embeddings = embeddings;
    this.temperature = temperature;
  }

  static ZeroShotClassifier of(Engine engine, List<String> labels, List<String> templates) {
    if (labels.isEmpty() || templates.isEmpty()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "labels (%d) and templates (%d) must be at least 1",
              labels.size(),
              templates.size()));
    }
    List<String> texts = new ArrayList<>();
    for (String label : labels) {
      for (String template : templates) {
        if (!template.contains(HOLE)) {
          throw new IllegalArgumentException("template (" + template + ") must have a {}");
        }
        texts.add(template.replace(HOLE, label));
      }
    }
    List<EncodedText> encoded = engine.matching().texts(texts);
    List<float[]> embeddings = new ArrayList<>();
    for (int i = 0; i < labels.size(); i++) {
      int from = i * templates.size();
      embeddings.add(mean(encoded.subList(from, from + templates.size())));
    }
    return new ZeroShotClassifier(engine, List.copyOf(labels), embeddings, 1);
  }

  private static float[] mean(List<EncodedText> texts) {
    float[] sum = texts.get(0).embedding();
    for (EncodedText text : texts.subList(1, texts.size())) {
      float[] one = text.embedding();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += one[i];
      }
    }
    double square = 0;
    for (float v : sum) {
      square += v * v;
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (float) (sum[i] / Math.max(Math.sqrt(square), 1e-12));
    }
    return sum;
  }

  /**
   * The same with another temperature: similarities are divided by it in front of the softmax. 1,
   * the default, is what Transformers' pipeline does; less makes the best label stand out.
   *
   * @param value above 0
   * @return a classifier of the same labels
   */
  public ZeroShotClassifier withTemperature(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("temperature (" + value + ") must be above 0");
    }
    return new ZeroShotClassifier(engine, labels, embeddings, value);
  }

  /**
   * Sorts an image under the labels.
   *
   * @param image the image
   * @return every label by falling {@link ScoredLabel#score}, the most probable first
   * @throws UnreadableImageException if the image cannot be read
   * @throws InferenceException if the engine fails
   */
  public List<ScoredLabel> classify(ImageInput image) {
    EncodedImage encoded = engine.encode(image);
    double[] scores =
        embeddings.stream()
            .mapToDouble(e -> MatchingHead.similarity(encoded, e) / temperature)
            .toArray();
    double[] probabilities = Numbers.softmax(scores);
    List<ScoredLabel> scored = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      scored.add(new ScoredLabel(labels.get(i), probabilities[i], scores[i]));
    }
    scored.sort(Comparator.comparingDouble(ScoredLabel::score).reversed());
    return List.copyOf(scored);
  }
}
