package io.github.blip2j.onnx;

import io.github.blip2j.CheckpointException;
import io.github.blip2j.checkpoint.WeightTensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the runtime finds each weight as float32: in the checkpoint's own file, or in a float32
 * copy. ONNX Runtime refuses files outside the folder that it is given and symbolic links that
 * leave it, so all paths are real ones under one common folder.
 */
final class WeightPlaces {
  private final Path folder;
  private final Map<String, WeightTensor> float32;

  /**
   * Maps tensors to where they lie.
   *
   * @param tensors float32 tensors of the whole checkpoint
   */
  WeightPlaces(List<WeightTensor> tensors) {
    float32 = new HashMap<>();
    tensors.forEach(t -> float32.put(t.name(), t));
    folder = commonFolder(tensors);
  }

  private static Path commonFolder(List<WeightTensor> tensors) {
    Path common = tensors.get(0).file();
    for (WeightTensor tensor : tensors) {
      while (!tensor.file().startsWith(common) || common.equals(tensor.file())) {
        Path parent = common.getParent();
        if (parent == null) {
          throw new CheckpointException(
              "expected all weights on one drive, found %s and %s"
                  .formatted(tensors.get(0).file(), tensor.file()));
        }
        common = parent;
      }
    }
    return common;
  }

  /** The folder that every location is relative to. */
  Path folder() {
    return folder;
  }

  /**
   * A stretch of a file.
   *
   * @param location path relative to {@link #folder()}, with forward slashes
   * @param offset first byte
   * @param bytes length
   */
  record Place(String location, long offset, long bytes) {}

  Place place(WeightTensor tensor) {
    WeightTensor stored = float32.getOrDefault(tensor.name(), tensor);
    String location = folder.relativize(stored.file()).toString().replace('\\', '/');
    return new Place(location, stored.offset(), stored.bytes());
  }
}
