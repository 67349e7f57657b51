package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.NormFold;
import io.github.blip2j.stage.WeightUses;
import io.github.blip2j.testkit.AskedWeights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint of random weights as a stream, never more than a piece of it in memory. The
 * tensors are those that the model text asks for.
 */
final class RandomCheckpoint {
  private static final int PIECE = 1 << 20;

  private final SplittableRandom random;
  private final DType dtype;
  private final Outliers outliers;
  private final long seed;
  private final float[] piece = new float[PIECE];
  private Map<String, Map<Integer, Float>> columns = Map.of();

  RandomCheckpoint(DType dtype, long seed) {
    this(dtype, seed, Outliers.NONE);
  }

  /** One whose norms have channels that are larger than the rest, which changes no product. */
  RandomCheckpoint(DType dtype, long seed, Outliers outliers) {
    this.dtype = dtype;
    this.seed = seed;
    this.random = new SplittableRandom(seed);
    this.outliers = outliers;
  }

  /**
   * Channels of norms that only linear layers see.
   *
   * @param channels of each norm
   * @param factor that they are multiplied by, and the layers' columns divided by
   */
  record Outliers(int channels, float factor) {
    static final Outliers NONE = new Outliers(0, 1);

    /** What columns of weights are multiplied by, by the weights' names. */
    private Map<String, Map<Integer, Float>> of(ModelProgram program, long seed) {
      Map<String, Map<Integer, Float>> columns = new HashMap<>();
      plant(program.vision().weights(), columns, seed);
      if (program.head() instanceof LanguageProgram language) {
        plant(language.weights(), columns, seed);
      }
      return columns;
    }

    private void plant(WeightUses uses, Map<String, Map<Integer, Float>> columns, long seed) {
      for (NormFold fold : uses.folds()) {
        if (fold.linear().stream().noneMatch(uses.tables()::contains)) {
          Map<Integer, Float> up = new HashMap<>();
          Map<Integer, Float> down = new HashMap<>();
          new Random(seed + fold.gain().name().hashCode())
              .ints(0, fold.gain().size(0))
              .distinct()
              .limit(channels)
              .forEach(
                  c -> {
                    up.put(c, factor);
                    down.put(c, 1 / factor);
                  });
          fold.norm().forEach(w -> columns.put(w.name(), up));
          fold.linear().forEach(w -> columns.put(w.name(), down));
        }
      }
    }
  }

  /** Writes settings, tokenizer and weights; gives the number of parameters. */
  long write(String config, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config);
    ModelConfig settings = ModelConfig.read(directory);
    try (InputStream stored = RandomCheckpoint.class.getResourceAsStream("tokenizer.json")) {
      byte[] tokenizer = Objects.requireNonNull(stored).readAllBytes();
      Files.write(directory.resolve("tokenizer.json"), tokenizer);
      if (settings.qformer().instruction() != null) {
        Path own = Files.createDirectories(directory.resolve("qformer_tokenizer"));
        Files.write(own.resolve("tokenizer.json"), tokenizer);
      }
    }
    AskedWeights asked = new AskedWeights();
    columns = outliers.of(settings.program(asked), seed);
    List<WeightTensor> tensors = tensors(settings, asked);
    List<SafetensorsWriter.Entry> entries =
        tensors.stream().map(t -> new SafetensorsWriter.Entry(t.name(), dtype, t.shape())).toList();
    Path file = directory.resolve("model.safetensors");
    Files.deleteIfExists(file);
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
      for (WeightTensor tensor : tensors) {
        write(tensor, writer);
      }
      writer.commit();
    }
    Checkpoint.open(directory); // what was written can be read
    return tensors.stream().mapToLong(WeightTensor::elements).sum();
  }

  private static List<WeightTensor> tensors(ModelConfig config, AskedWeights weights) {
    if (config.head() instanceof TextConfig text
        && !text.tokenTable().contains("lm_head.weight")) { // then published ones have their own
      weights.tensor("language_model.lm_head.weight", text.vocabularySize(), text.hiddenSize());
    }
    return weights.all();
  }

  private void scale(WeightTensor tensor, long from, int count) {
    Map<Integer, Float> scaled = columns.get(tensor.name());
    if (scaled == null) {
      return;
    }
    long width = tensor.size(tensor.shape().size() - 1);
    scaled.forEach(
        (column, factor) -> {
          for (long i = Math.floorMod(column - from, width); i < count; i += width) {
            piece[(int) i] *= factor;
          }
        });
  }

  /** Norm weights near 1, biases small, others uniform with the variance 1/inputs. */
  private void write(WeightTensor tensor, SafetensorsWriter writer) {
    boolean norm = tensor.name().contains("norm") || tensor.name().contains("LayerNorm");
    boolean matrix = tensor.shape().size() > 1;
    float middle = norm && tensor.name().endsWith("weight") ? 1 : 0;
    double inputs = matrix ? (double) tensor.elements() / tensor.size(0) : 1;
    float reach = matrix ? (float) Math.sqrt(3 / inputs) : 0.1f;
    for (long done = 0; done < tensor.elements(); done += PIECE) {
      int count = (int) Math.min(PIECE, tensor.elements() - done);
      for (int i = 0; i < count; i++) {
        piece[i] = middle + reach * (2 * (random.nextInt() >>> 8) * 0x1p-24f - 1);
      }
      scale(tensor, done, count);
      writer.write(piece, count, dtype);
    }
  }
}
