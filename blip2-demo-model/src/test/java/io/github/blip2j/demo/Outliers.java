package io.github.blip2j.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Multiplies one to six channels of each norm by 60 or 100, and divides the columns of the linear
 * layers behind them: every product is what it was, but the activations between have outliers.
 *
 * @param seed of which channels they are
 */
record Outliers(int seed) {
  private static final String LAYER =
      "((?:vision_model\\.encoder|language_model\\.model\\.decoder)\\.layers\\.\\d+\\.)";
  private static final Pattern FIRST =
      Pattern.compile(
          LAYER
              + "(layer_norm1|self_attn_layer_norm|self_attn\\.(?:qkv|[qkv]_proj))"
              + "\\.(weight|bias)");
  private static final Pattern SECOND =
      Pattern.compile(LAYER + "(layer_norm2|final_layer_norm|(?:mlp\\.)?fc1)\\.(weight|bias)");

  /** Writes a checkpoint with outliers in the norms of vision encoder and language model. */
  Path plant(Path checkpoint, Path target) {
    try {
      Files.createDirectories(target);
      try (Stream<Path> files = Files.list(checkpoint)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".json")).toList()) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<WeightTensor> tensors = Weights.ofFile(checkpoint.resolve("model.safetensors")).all();
    List<SafetensorsWriter.Entry> entries =
        tensors.stream()
            .map(t -> new SafetensorsWriter.Entry(t.name(), DType.F32, t.shape()))
            .toList();
    int vision = 0;
    int language = 0;
    try (SafetensorsWriter writer =
        new SafetensorsWriter(target.resolve("model.safetensors"), entries)) {
      for (WeightTensor tensor : tensors) {
        float[] values = tensor.floats();
        if (plant(tensor, values)) {
          vision += tensor.name().startsWith("vision") ? 1 : 0;
          language += tensor.name().startsWith("language") ? 1 : 0;
        }
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
    assertThat(vision).isPositive();
    assertThat(language).isPositive();
    return target;
  }

  private boolean plant(WeightTensor tensor, float[] values) {
    Matcher first = FIRST.matcher(tensor.name());
    Matcher second = SECOND.matcher(tensor.name());
    Matcher place = first.matches() ? first : second;
    if (place != first && !second.matches()) {
      return false;
    }
    boolean linear = !place.group(2).contains("norm");
    if (linear && place.group(3).equals("bias")) {
      return false;
    }
    int width = tensor.size(tensor.shape().size() - 1);
    Random random = new Random((place.group(1) + (place == first)).hashCode() + seed * 7919L);
    int channels = 1 + random.nextInt(6);
    float factor = random.nextBoolean() ? 60 : 100;
    random
        .ints(0, width)
        .distinct()
        .limit(channels)
        .forEach(
            channel -> {
              for (int i = channel; i < values.length; i += width) {
                values[i] = linear ? values[i] / factor : values[i] * factor;
              }
            });
    return true;
  }
}
