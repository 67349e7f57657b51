package io.github.blip2j.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Writes adapters as PEFT does: settings, and tensors with numbers that follow from their names.
 */
final class AdapterFiles {
  static final String PREFIX = "base_model.model.";

  private final ObjectNode config = new ObjectMapper().createObjectNode();
  private final Map<String, List<Long>> shapes = new LinkedHashMap<>();
  private final Map<String, float[]> values = new LinkedHashMap<>();

  /** A plain one: r 2, alpha 3, no module named as target. */
  AdapterFiles() {
    config.put("peft_type", "LORA").put("r", 2).put("lora_alpha", 3);
  }

  AdapterFiles config(Consumer<ObjectNode> change) {
    change.accept(config);
    return this;
  }

  /** A tensor, by its name behind the prefix; numbers from −0.5 to 0.5. */
  AdapterFiles tensor(String name, long... shape) {
    long elements = 1;
    for (long axis : shape) {
      elements *= axis;
    }
    float[] numbers = new float[(int) elements];
    SplittableRandom random = new SplittableRandom(name.hashCode());
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (random.nextDouble() - 0.5);
    }
    shapes.put(PREFIX + name, java.util.Arrays.stream(shape).boxed().toList());
    values.put(PREFIX + name, numbers);
    return this;
  }

  /** A linear layer's two factors. */
  AdapterFiles layer(String module, int rank, int in, int out) {
    return tensor(module + ".lora_A.weight", rank, in).tensor(module + ".lora_B.weight", out, rank);
  }

  float[] values(String name) {
    return Objects.requireNonNull(values.get(PREFIX + name), name);
  }

  /** Sets all numbers of a tensor. */
  AdapterFiles fill(String name, float value) {
    java.util.Arrays.fill(values(name), value);
    return this;
  }

  /** The same with other names. */
  AdapterFiles renamed(String from, String to) {
    Map<String, float[]> numbers = new LinkedHashMap<>(values);
    Map<String, List<Long>> sizes = new LinkedHashMap<>(shapes);
    values.clear();
    shapes.clear();
    numbers.forEach((name, v) -> values.put(name.replace(from, to), v));
    sizes.forEach((name, v) -> shapes.put(name.replace(from, to), v));
    return this;
  }

  Path write(Path folder) {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("adapter_config.json"), config.toString());
      List<SafetensorsWriter.Entry> entries =
          shapes.entrySet().stream()
              .map(e -> new SafetensorsWriter.Entry(e.getKey(), DType.F32, e.getValue()))
              .toList();
      Path file = folder.resolve("adapter_model.safetensors");
      try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
        values.values().forEach(v -> writer.write(v, v.length, DType.F32));
        writer.commit();
      }
      return folder;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
