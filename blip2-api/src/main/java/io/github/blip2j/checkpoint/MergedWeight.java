package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A weight with an adapter's change: W + ΔW, and with DoRA each row of that scaled to a length of
 * its own (Liu et al. 2024, eq. 5). Computed in double precision, stored as float32.
 *
 * @param base the checkpoint's weight; its first axis are the rows, all others together the columns
 * @param change ΔW
 * @param lengths of the rows; null for what they come to
 */
record MergedWeight(WeightTensor base, LowRank change, float @Nullable [] lengths) {
  SafetensorsWriter.Entry entry() {
    return new SafetensorsWriter.Entry(base.name(), DType.F32, base.shape());
  }

  /** Writes all rows. */
  void write(SafetensorsWriter writer) {
    int columns = change.columns();
    double[] row = new double[columns];
    int[] index = {0};
    base.stream(
        columns,
        (floats, count) -> {
          for (int i = 0; i < count; i++) {
            row[i] = floats[i];
          }
          change.addTo(row, index[0]);
          double factor = factor(row, index[0]);
          for (int i = 0; i < count; i++) {
            floats[i] = (float) (row[i] * factor);
            if (!Float.isFinite(floats[i])) {
              throw new CheckpointException(
                  String.format(
                      Locale.ROOT,
                      "%s: expected finite numbers with the adapter, found %s in row %d",
                      base.name(),
                      floats[i],
                      index[0]));
            }
          }
          writer.write(floats, count, DType.F32);
          index[0]++;
        });
  }

  private double factor(double[] row, int index) {
    if (lengths == null) {
      return 1;
    }
    double square = 0;
    for (double value : row) {
      square += value * value;
    }
    return lengths[index] / Math.sqrt(square);
  }
}
