package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A weight that is stored as codes and scales, in several tensors. */
sealed interface PackedWeight permits PackedRows, PackedBlocks {
  /** What it becomes: an ordinary tensor under its own name. */
  SafetensorsWriter.Entry entry();

  /** Names of all tensors that it is stored in. */
  List<String> parts();

  /** Writes the numbers that it stands for, row by row. */
  void write(SafetensorsWriter writer);

  /**
   * A part that must be there.
   *
   * @param count elements that it must have; -1 for any number
   */
  static WeightTensor part(Map<String, WeightTensor> stored, String name, DType dtype, long count) {
    @Nullable WeightTensor part = stored.get(name);
    if (part == null || part.dtype() != dtype || count >= 0 && part.elements() != count) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected %s%s in %s, as bitsandbytes stores them, found %s",
              name,
              count < 0 ? "" : count + " ",
              count == 1 ? "number" : "numbers",
              dtype,
              part == null ? "no such tensor" : part.shape() + " in " + part.dtype()));
    }
    return part;
  }

  /** Numbers that must all be finite. */
  static float[] finite(WeightTensor tensor) {
    float[] numbers = tensor.floats();
    for (float number : numbers) {
      if (!Float.isFinite(number)) {
        throw new CheckpointException(tensor.name() + ": expected finite numbers, found " + number);
      }
    }
    return numbers;
  }
}
