package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.spi.Retrieval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Matches images and texts: the entry points of the tasks that do. Each is a call that closing the
 * engine waits for. Borrows the model; safe for many threads.
 */
public final class MatchingHead implements Head {
  private static final int MOST_TEXTS = 32; // in one pass

  private final OpenCalls calls;
  private final ModelConfig config;
  private final ImageEncoder encoder;
  private final Tokenizer tokenizer;
  private final Retrieval retrieval;

  MatchingHead(OpenCalls calls, ImageEncoder encoder, Tokenizer tokenizer, Retrieval retrieval) {
    this.calls = calls;
    this.config = encoder.config();
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    this.retrieval = retrieval;
  }

  /** Reads texts alone. */
  public List<EncodedText> texts(List<String> texts) {
    return calls.during(() -> read(texts));
  }

  /** The queries' vectors (Q,D) of an image and a text. */
  public float[][] multimodal(ImageInput image, String text) {
    return calls.during(() -> multimodal(encode(image), List.of(text)).get(0));
  }

  /** Every text with every image, by both heads. */
  public List<List<Match>> match(List<? extends ImageInput> images, List<String> texts) {
    return calls.during(
        () -> {
          List<float[]> vectors = vectors(texts);
          List<List<Match>> all = new ArrayList<>();
          for (ImageInput one : images) { // one by one: its patches are needed no longer
            EncodedImage image = encode(one);
            double[] probabilities = matches(image, texts);
            List<Match> row = new ArrayList<>();
            for (int i = 0; i < probabilities.length; i++) {
              row.add(new Match(probabilities[i], similarity(image, vectors.get(i))));
            }
            all.add(row);
          }
          return all;
        });
  }

  /** Probabilities that texts describe an image. */
  public double[] probabilities(ImageInput image, List<String> texts) {
    return calls.during(() -> matches(encode(image), texts));
  }

  /** Cosines of every text with every image. */
  public double[][] similarities(List<? extends ImageInput> images, List<String> texts) {
    return calls.during(
        () -> {
          List<float[]> vectors = vectors(texts);
          return images.stream()
              .map(this::encode)
              .map(image -> vectors.stream().mapToDouble(v -> similarity(image, v)).toArray())
              .toArray(double[][]::new);
        });
  }

  private List<float[]> vectors(List<String> texts) {
    return read(texts).stream().map(EncodedText::embedding).toList();
  }

  private EncodedImage encode(ImageInput image) {
    Interrupts.check("vision"); // one by one: a batch of images is no faster on a processor
    return encoder.encode(image);
  }

  private List<EncodedText> read(List<String> texts) {
    StageClock clock = encoder.clock();
    List<EncodedText> encoded = new ArrayList<>();
    for (List<String> some : parts(texts)) {
      Interrupts.check("text");
      int[][] tokens = tokens(some);
      Retrieval.Texts read =
          encoder.inTurn(
              "text", clock, () -> clock.time(ModelStage.TEXT, () -> retrieval.read(tokens)));
      requireFinite(read, tokens);
      int rows = some.size();
      for (int i = 0; i < rows; i++) {
        int length = tokens[i].length;
        encoded.add(
            new EncodedText(
                some.get(i),
                vectors(read.states(), i, rows, config.qformer().hiddenSize(), length),
                vectors(read.features(), i, rows, config.projectedSize(), length)));
      }
    }
    return encoded;
  }

  /** The queries' vectors (Q,D) of each pair of an image and a text. */
  private List<float[][]> multimodal(EncodedImage image, List<String> texts) {
    List<float[][]> vectors = new ArrayList<>();
    int queries = config.qformer().queries();
    for (List<String> some : parts(texts)) {
      Interrupts.check("pairs");
      float[] read = Numbers.require("pairs", pairs(image, some).queries());
      for (int i = 0; i < some.size(); i++) {
        vectors.add(vectors(read, i, some.size(), config.qformer().hiddenSize(), queries));
      }
    }
    return vectors;
  }

  private Retrieval.Pairs pairs(EncodedImage image, List<String> texts) {
    int[][] tokens = tokens(texts);
    StageClock clock = encoder.clock();
    float[] patches = image.features().patches();
    return encoder.inTurn(
        "pairs", clock, () -> clock.time(ModelStage.PAIRS, () -> retrieval.match(patches, tokens)));
  }

  /** Probabilities that texts describe an image. */
  private double[] matches(EncodedImage image, List<String> texts) {
    double[] probabilities = new double[texts.size()];
    int at = 0;
    for (List<String> some : parts(texts)) {
      Interrupts.check("pairs");
      float[] logits = Numbers.require("matching head", pairs(image, some).logits());
      for (int i = 0; i < some.size(); i++) {
        probabilities[at++] = 1 / (1 + Math.exp((double) logits[2 * i] - logits[2 * i + 1]));
      }
    }
    return probabilities;
  }

  /** The largest cosine of a text's vector and any of an image's. */
  public static double similarity(EncodedImage image, float[] embedding) {
    float[] queries = image.features().flatProjected();
    double best = Double.NEGATIVE_INFINITY;
    for (int from = 0; from < queries.length; from += embedding.length) {
      double sum = 0;
      for (int i = 0; i < embedding.length; i++) {
        sum += queries[from + i] * embedding[i];
      }
      best = Math.max(best, sum);
    }
    return best;
  }

  /** Of each row only the vectors of its tokens; what stands behind them is padding. */
  private void requireFinite(Retrieval.Texts read, int[][] tokens) {
    for (int i = 0; i < tokens.length; i++) {
      int count = tokens[i].length;
      int width = config.qformer().hiddenSize();
      int from = read.states().length / tokens.length * i;
      Numbers.require("text", Arrays.copyOfRange(read.states(), from, from + count * width));
      width = config.projectedSize();
      from = read.features().length / tokens.length * i;
      Numbers.require(
          "text projection", Arrays.copyOfRange(read.features(), from, from + count * width));
    }
  }

  private static List<List<String>> parts(List<String> texts) {
    List<List<String>> parts = new ArrayList<>();
    for (int from = 0; from < texts.size(); from += MOST_TEXTS) {
      parts.add(texts.subList(from, Math.min(texts.size(), from + MOST_TEXTS)));
    }
    return parts;
  }

  private int[][] tokens(List<String> texts) {
    encoder.requireUnchangedFiles();
    return texts.stream().map(tokenizer::encode).toArray(int[][]::new);
  }

  /** The first vectors of one row of a padded batch. */
  private static float[][] vectors(float[] all, int row, int rows, int width, int count) {
    int from = all.length / rows * row;
    float[][] vectors = new float[count][];
    for (int i = 0; i < count; i++) {
      vectors[i] = Arrays.copyOfRange(all, from + i * width, from + (i + 1) * width);
    }
    return vectors;
  }
}
