package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.Half;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.SafetensorsWriter;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.checkpoint.Weights;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import io.github.blip2j.internal.nn.VisionTransformer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Writes a checkpoint of random weights as a stream, never more than a piece of it in memory. The
 * tensors are those that the model text asks for.
 */
final class RandomCheckpoint {
  private static final int PIECE = 1 << 20;

  private final SplittableRandom random;
  private final DType dtype;
  private final ByteBuffer buffer;

  RandomCheckpoint(DType dtype, long seed) {
    this.dtype = dtype;
    this.random = new SplittableRandom(seed);
    this.buffer = ByteBuffer.allocateDirect(PIECE * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes settings, tokenizer and weights; gives the number of parameters. */
  long write(String config, Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("config.json"), config);
    try (InputStream tokenizer = RandomCheckpoint.class.getResourceAsStream("tokenizer.json")) {
      Files.write(
          directory.resolve("tokenizer.json"), Objects.requireNonNull(tokenizer).readAllBytes());
    }
    List<WeightTensor> tensors = tensors(ModelConfig.read(directory));
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

  private static List<WeightTensor> tensors(ModelConfig config) {
    List<WeightTensor> tensors = new ArrayList<>();
    Weights weights = Weights.imagined(tensors::add);
    VisionTransformer.of(config.vision(), weights);
    QFormerNetwork qformer = QFormerNetwork.of(config, weights);
    if (config.head() instanceof OptConfig opt) {
      OptDecoder.of(opt, weights);
    } else if (config.head() instanceof T5Config t5) {
      T5Encoder.of(t5, weights);
      T5Decoder.of(t5, weights);
      if (!t5.scaledOutputs()) { // then the published ones have a head of their own
        weights.tensor("language_model.lm_head.weight", t5.vocabularySize(), t5.hiddenSize());
      }
    } else {
      RetrievalNetwork.of(config, qformer, weights);
    }
    return tensors.stream().distinct().toList();
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
      buffer.clear();
      for (int i = 0; i < count; i++) {
        put(middle + reach * (2 * (random.nextInt() >>> 8) * 0x1p-24f - 1));
      }
      writer.write(buffer.flip());
    }
  }

  private void put(float value) {
    switch (dtype) {
      case F32 -> buffer.putFloat(value);
      case BF16 -> buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
      case F16 -> buffer.putShort(Half.round(value));
      default -> throw new IllegalArgumentException("dtype must be F32, F16 or BF16: " + dtype);
    }
  }
}
