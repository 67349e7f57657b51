package io.github.blip2j.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** tiny-opt with a language model of the toy family in OPT's place, of random weights. */
final class ToyCheckpoint {
  private static final String LANGUAGE = "language_model";
  private static final String SETTINGS =
      """
      {"model_type": "toy", "hidden_size": 40, "intermediate_size": 64, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 448, "eos_token_id": 202}
      """;

  private ToyCheckpoint() {}

  /** Writes it to a folder that is not there yet, and gives that. */
  static Path write(Path target) {
    Fixtures.copy("tiny-opt", target);
    Path config = target.resolve("config.json");
    try {
      ObjectMapper mapper = new ObjectMapper();
      ObjectNode json = (ObjectNode) mapper.readTree(Files.readAllBytes(config));
      json.set("text_config", mapper.readTree(SETTINGS));
      Files.write(config, mapper.writeValueAsBytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<WeightTensor> kept =
        Weights.ofFile(Fixtures.directory("tiny-opt").resolve("model.safetensors")).all().stream()
            .filter(t -> !t.name().startsWith(LANGUAGE + "."))
            .toList();
    AskedWeights asked = new AskedWeights();
    ModelConfig.read(target).text().program(asked.at(LANGUAGE));
    List<WeightTensor> own = asked.all();
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    kept.forEach(t -> entries.add(new SafetensorsWriter.Entry(t.name(), t.dtype(), t.shape())));
    own.forEach(t -> entries.add(new SafetensorsWriter.Entry(t.name(), DType.F32, t.shape())));
    Path file = target.resolve("model.safetensors");
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SplittableRandom random = new SplittableRandom(5);
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
      kept.forEach(t -> writer.write(t.map()));
      own.forEach(t -> write(t, random, writer));
      writer.commit();
    }
    return target;
  }

  /** Norms near 1, others within ±√(3/inputs). */
  private static void write(
      WeightTensor tensor, SplittableRandom random, SafetensorsWriter writer) {
    boolean norm = tensor.shape().size() == 1;
    double reach = norm ? 0.2 : Math.sqrt(3.0 / tensor.size(1));
    float[] values = new float[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((norm ? 1 : 0) + reach * (2 * random.nextDouble() - 1));
    }
    writer.write(values, values.length, DType.F32);
  }
}
