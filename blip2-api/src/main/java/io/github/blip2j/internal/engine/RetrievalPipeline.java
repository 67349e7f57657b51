package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.internal.values.FiniteNumbers;
import io.github.blip2j.retrieval.EncodedText;
import io.github.blip2j.spi.Retrieval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts, and pictures with texts, through the heads that match. Borrows all; for many threads. */
public final class RetrievalPipeline {
  private static final int MOST_TEXTS = 32; // in one pass

  private final ModelConfig config;
  private final ImageEncoder encoder;
  private final Tokenizer tokenizer;
  private final Retrieval retrieval;

  public RetrievalPipeline(
      ModelConfig config, ImageEncoder encoder, Tokenizer tokenizer, Retrieval retrieval) {
    this.config = config;
    this.encoder = encoder;
    this.tokenizer = tokenizer;
    this.retrieval = retrieval;
  }

  public List<EncodedImage> encode(List<? extends ImageInput> images) {
    List<EncodedImage> encoded = new ArrayList<>();
    for (ImageInput image : images) { // one by one: a batch of pictures is no faster on a processor
      Interrupts.check("vision");
      encoded.addAll(encoder.encode(List.of(image), new StageClock()));
    }
    return encoded;
  }

  public List<EncodedText> texts(List<String> texts) {
    List<EncodedText> encoded = new ArrayList<>();
    for (List<String> some : parts(texts)) {
      Interrupts.check("text");
      int[][] tokens = tokens(some);
      Retrieval.Texts read = retrieval.read(tokens);
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

  /** The queries' vectors (Q,D) of each pair of a picture and a text. */
  public List<float[][]> multimodal(EncodedImage image, List<String> texts) {
    List<float[][]> vectors = new ArrayList<>();
    int queries = config.qformer().queries();
    for (List<String> some : parts(texts)) {
      Interrupts.check("pairs");
      float[] read =
          FiniteNumbers.require("pairs", retrieval.match(image.patches(), tokens(some)).queries());
      for (int i = 0; i < some.size(); i++) {
        vectors.add(vectors(read, i, some.size(), config.qformer().hiddenSize(), queries));
      }
    }
    return vectors;
  }

  /** Probabilities that texts describe a picture. */
  public double[] matches(EncodedImage image, List<String> texts) {
    double[] probabilities = new double[texts.size()];
    int at = 0;
    for (List<String> some : parts(texts)) {
      Interrupts.check("pairs");
      float[] logits =
          FiniteNumbers.require(
              "matching head", retrieval.match(image.patches(), tokens(some)).logits());
      for (int i = 0; i < some.size(); i++) {
        probabilities[at++] = 1 / (1 + Math.exp((double) logits[2 * i] - logits[2 * i + 1]));
      }
    }
    return probabilities;
  }

  /** The largest cosine of a text's vector and any of a picture's. */
  public static double similarity(EncodedImage image, float[] embedding) {
    float[] queries = image.flatProjected();
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
      FiniteNumbers.require("text", Arrays.copyOfRange(read.states(), from, from + count * width));
      width = config.projectedSize();
      from = read.features().length / tokens.length * i;
      FiniteNumbers.require(
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
