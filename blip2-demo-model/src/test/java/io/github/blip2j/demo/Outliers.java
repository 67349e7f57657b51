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
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Multiplies channels of the vision encoder's norms, and divides the columns of the linear layers
 * behind them: every product is what it was, but the activations between have outliers.
 */
final class Outliers {
  private static final Pattern PLACE =
      Pattern.compile(
          "vision_model\\.encoder\\.layers\\.(\\d+)\\."
              + "(layer_norm1|layer_norm2|self_attn\\.qkv|mlp\\.fc1)\\.(weight|bias)");
  private static final Map<String, Integer> NORM_OF =
      Map.of("layer_norm1", 1, "self_attn.qkv", 1, "layer_norm2", 2, "mlp.fc1", 2);
  private static final int CHANNELS = 2;

  private Outliers() {}

  static Path planted(Path checkpoint, Path target, float factor) {
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
    int changed = 0;
    try (SafetensorsWriter writer =
        new SafetensorsWriter(target.resolve("model.safetensors"), entries)) {
      for (WeightTensor tensor : tensors) {
        float[] values = tensor.floats();
        changed += plant(tensor, values, factor) ? 1 : 0;
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
    assertThat(changed).isPositive();
    return target;
  }

  private static boolean plant(WeightTensor tensor, float[] values, float factor) {
    Matcher place = PLACE.matcher(tensor.name());
    if (!place.matches()) {
      return false;
    }
    int norm =
        Integer.parseInt(place.group(1)) * 2 + Objects.requireNonNull(NORM_OF.get(place.group(2)));
    boolean linear = !place.group(2).startsWith("layer_norm");
    if (linear && place.group(3).equals("bias")) {
      return false;
    }
    int width = tensor.size(tensor.shape().size() - 1);
    for (int channel = 0; channel < CHANNELS; channel++) {
      int column = (norm * 37 + channel * 53) % width;
      for (int i = column; i < values.length; i += width) {
        values[i] = linear ? values[i] / factor : values[i] * factor;
      }
    }
    return true;
  }
}
