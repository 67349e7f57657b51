package io.github.blip2j.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.checkpoint.NewFolder;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest.LowRankChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A PEFT adapter: {@code adapter_config.json} and {@code adapter_model.safetensors}, as {@code
 * PeftModel.from_pretrained} and {@code Blip2Builder.adapter} load it.
 */
final class AdapterFiles {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PREFIX = "base_model.model.";

  private final Path base;
  private final LoraOptions options;
  private final List<LowRankChange> changes;

  /** Of a model whose directory is named as the base. */
  AdapterFiles(Path base, LoraOptions options, List<LowRankChange> changes) {
    this.base = base;
    this.options = options;
    this.changes = changes;
  }

  /** Writes the folder, which appears when it is whole and on the disk. */
  void write(Path output, TrainingModel model) {
    try (NewFolder made = new NewFolder(output)) {
      Path config = made.folder().resolve("adapter_config.json");
      Files.writeString(config, config().toPrettyString() + "\n");
      weights(made.folder().resolve("adapter_model.safetensors"), model);
      made.commit();
    } catch (IOException e) {
      throw new CheckpointException(output + ": cannot be written: " + e, e);
    }
  }

  private ObjectNode config() {
    ObjectNode config = MAPPER.createObjectNode();
    config.put("base_model_name_or_path", base.toString());
    config.put("bias", "none").put("fan_in_fan_out", false).put("inference_mode", true);
    config.put("init_lora_weights", true).put("lora_alpha", options.alpha());
    config.put("lora_dropout", 0.0).putNull("modules_to_save").put("peft_type", "LORA");
    config.put("r", options.rank());
    ArrayNode modules = config.putArray("target_modules");
    changes.forEach(c -> modules.add(c.module()));
    config.putNull("task_type").put("use_dora", false).put("use_rslora", false);
    return config;
  }

  private void weights(Path file, TrainingModel model) {
    List<SafetensorsWriter.Entry> entries =
        model.parameters().stream()
            .map(p -> new SafetensorsWriter.Entry(PREFIX + p.name(), DType.F32, p.shape()))
            .toList();
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
      for (TrainingModel.Parameter parameter : model.parameters()) {
        float[] values = model.state(parameter.name()).values();
        writer.write(values, values.length, DType.F32);
      }
      writer.commit();
    }
  }
}
