package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A matrix in eight bits (Dettmers et al. 2022, LLM.int8()): of each row integers and the largest
 * magnitude, {@code w = code · SCB / 127}. What LLM.int8() keeps in half precision are columns of
 * activations, not of weights, so that these are all.
 *
 * @param codes (out, in) int8
 * @param scales (out) float32
 * @param parts names of all its tensors
 */
record PackedRows(WeightTensor codes, WeightTensor scales, List<String> parts)
    implements PackedWeight {
  static final String SCALES = ".SCB";
  private static final String WEIGHT = ".weight";
  private static final String FORMAT = ".weight_format";
  private static final float STEP = 7.874015718698502e-3f; // 1/127, as the reference rounds it

  /**
   * The weight of a module.
   *
   * @throws CheckpointException if a part is missing or another, or its rows are not in order
   */
  static PackedRows of(Map<String, WeightTensor> stored, String module) {
    WeightTensor codes = PackedWeight.part(stored, module + WEIGHT, DType.I8, -1);
    if (codes.shape().size() != 2) {
      throw new CheckpointException(
          codes.name() + ": expected a matrix in I8, found " + codes.shape());
    }
    WeightTensor scales =
        PackedWeight.part(stored, module + SCALES, DType.F32, codes.shape().get(0));
    List<String> parts = new ArrayList<>(List.of(codes.name(), scales.name()));
    if (stored.containsKey(module + FORMAT)) {
      WeightTensor format = PackedWeight.part(stored, module + FORMAT, DType.U8, 1);
      int found = format.map().get(0);
      if (found != 0) {
        throw new CheckpointException(
            format.name()
                + ": expected 0, rows in order, found "
                + found
                + ", an order of a GPU's own: save the model with bitsandbytes 0.45 or later");
      }
      parts.add(format.name());
    }
    return new PackedRows(codes, scales, parts);
  }

  @Override
  public SafetensorsWriter.Entry entry() {
    return new SafetensorsWriter.Entry(codes.name(), DType.F32, codes.shape());
  }

  @Override
  public void write(SafetensorsWriter writer) {
    float[] most = PackedWeight.finite(scales);
    ByteBuffer bytes = codes.map();
    float[] row = new float[codes.size(1)];
    for (float scale : most) {
      for (int i = 0; i < row.length; i++) {
        row[i] = bytes.get() * scale * STEP;
      }
      writer.write(row, row.length, DType.F32);
    }
  }
}
