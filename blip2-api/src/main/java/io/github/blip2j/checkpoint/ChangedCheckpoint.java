package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a checkpoint some of whose tensors have other numbers. */
final class ChangedCheckpoint {
  private static final int PIECE = 1 << 20;

  private final Checkpoint checkpoint;
  private final Map<String, float[]> changed;

  /** Checks names and sizes. */
  ChangedCheckpoint(Checkpoint checkpoint, Map<String, float[]> changed) {
    this.checkpoint = checkpoint;
    this.changed = changed;
    requireWritable(checkpoint);
    Map<String, WeightTensor> known = Checkpoint.byName(checkpoint.weights());
    changed.forEach((name, values) -> requireFits(known.get(name), name, values.length));
  }

  /**
   * Demands that a checkpoint's settings, which are copied, are true of tensors of any numbers.
   *
   * @throws CheckpointException if they are not
   */
  static void requireWritable(Checkpoint checkpoint) {
    checkpoint.weights().all().forEach(ChangedCheckpoint::requireNumbers);
    requirePlain(checkpoint.directory().resolve("config.json"));
    int own = ModelConfig.read(checkpoint.directory()).vision().imageSize();
    int found = checkpoint.config().vision().imageSize();
    if (found != own) {
      throw new CheckpointException(
          checkpoint.directory()
              + ": expected images of "
              + own
              + " pixels as its settings have it, found "
              + found
              + ": leave the image size alone, or train an adapter");
    }
  }

  /** Its settings would say of the new file what is so of the old one. */
  private static void requirePlain(Path file) {
    if (Json.find(file).map(QuantizationConfig::isIn).orElse(true)) {
      throw new CheckpointException(
          file
              + ": expected the settings of plain weights, found none or quantization_config; train"
              + " the checkpoint that was quantised, or an adapter");
    }
  }

  private static void requireNumbers(WeightTensor tensor) {
    if (tensor.dtype() == DType.PREPARED) {
      throw new CheckpointException(
          tensor.file()
              + ": "
              + tensor.name()
              + ": expected numbers, found a weight that a backend has prepared; use the checkpoint"
              + " that the bundle was made of");
    }
  }

  private static void requireFits(@Nullable WeightTensor tensor, String name, long found) {
    if (tensor == null || tensor.elements() != found) {
      throw new CheckpointException(
          name
              + ": expected "
              + (tensor == null ? "a tensor of the checkpoint" : tensor.elements() + " numbers")
              + ", found "
              + (tensor == null ? "none of this name" : String.valueOf(found)));
    }
  }

  void write(Path output) {
    WeightFiles original = WeightFiles.of(checkpoint.weightFiles());
    List<WeightTensor> tensors = checkpoint.weights().all();
    List<SafetensorsWriter.Entry> entries = tensors.stream().map(this::entry).toList();
    try (NewFolder folder = new NewFolder(output)) {
      folder.requireRoom(tensors.stream().mapToLong(t -> t.elements() * Float.BYTES).sum());
      CopiedFiles.copy(checkpoint.directory(), folder.folder());
      Path file = folder.folder().resolve("model.safetensors");
      try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
        tensors.forEach(t -> write(writer, t));
        writer.commit();
      }
      original.requireSame();
      folder.commit();
    } catch (IOException e) {
      throw new CheckpointException(output + ": cannot be written: " + e, e);
    }
  }

  private SafetensorsWriter.Entry entry(WeightTensor tensor) {
    DType dtype = changed.containsKey(tensor.name()) ? DType.F32 : tensor.dtype();
    return new SafetensorsWriter.Entry(tensor.name(), dtype, tensor.shape());
  }

  private void write(SafetensorsWriter writer, WeightTensor tensor) {
    float[] values = changed.get(tensor.name());
    if (values != null) {
      writer.write(values, values.length, DType.F32);
      return;
    }
    tensor.pieces(PIECE, writer::write);
  }
}
