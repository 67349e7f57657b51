package io.github.blip2j.internal.session;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.core.Precision;
import java.util.List;

/** Memory that the linear layers of a stage take, for estimates before loading. */
public final class WeightBytes {
  private static final String VISION = "vision_model.";
  private static final String LANGUAGE = "language_model.";
  private static final List<String> TABLES =
      List.of("embed", "shared.weight", "relative_attention_bias", "position");

  private WeightBytes() {}

  /** Bytes of the vision encoder's linear layers in a precision. */
  public static long vision(Checkpoint checkpoint, Precision precision) {
    return bytes(checkpoint, precision, VISION);
  }

  /** Bytes of the Q-Former's linear layers, and of what stands on it, in a precision. */
  public static long qformer(Checkpoint checkpoint, Precision precision) {
    long elements =
        checkpoint.weights().all().stream()
            .filter(t -> !t.name().startsWith(VISION) && !t.name().startsWith(LANGUAGE))
            .filter(WeightBytes::linear)
            .mapToLong(WeightTensor::elements)
            .sum();
    return (long) (elements * each(precision));
  }

  /** Bytes of the language model's linear layers, its head included, in a precision. */
  public static long language(Checkpoint checkpoint, Precision precision) {
    boolean ownHead = checkpoint.weights().has(LANGUAGE + "lm_head.weight");
    long head =
        ownHead
            ? 0
            : (long) checkpoint.config().text().hiddenSize()
                * checkpoint.config().text().vocabularySize();
    return bytes(checkpoint, precision, LANGUAGE) + (long) (head * each(precision));
  }

  /** The same of what writes: of an encoder and decoder, the decoder alone. */
  public static long decoder(Checkpoint checkpoint, Precision precision) {
    return language(checkpoint, precision) - bytes(checkpoint, precision, LANGUAGE + "encoder.");
  }

  private static long bytes(Checkpoint checkpoint, Precision precision, String prefix) {
    long elements =
        checkpoint.weights().all().stream()
            .filter(t -> t.name().startsWith(prefix))
            .filter(WeightBytes::linear)
            .mapToLong(WeightTensor::elements)
            .sum();
    return (long) (elements * each(precision));
  }

  private static boolean linear(WeightTensor tensor) {
    return tensor.shape().size() == 2
        && tensor.name().endsWith(".weight")
        && TABLES.stream().noneMatch(tensor.name()::contains);
  }

  /** Bytes a weight, its part of a scale included. */
  private static double each(Precision precision) {
    return switch (precision) {
      case FLOAT32 -> 4;
      case FLOAT16, BFLOAT16 -> 2;
      case INT8 -> 1 + 4.0 / 128;
      case INT4 -> 0.5 + 4.0 / 128;
      case INT4_BLOCK32 -> 0.5 + 4.0 / 32;
    };
  }
}
