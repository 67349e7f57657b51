package io.github.blip2j.checkpoint;

import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.files.WeightTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * Position embeddings of the vision encoder for another image size: the class vector's stays, the
 * grid's are resized by PyTorch's bicubic filter (a = −0.75, corners not aligned, no antialiasing,
 * the border repeated), as Transformers' {@code interpolate_pos_encoding}.
 */
final class PositionInterpolation {
  private static final double A = -0.75;

  private final int from; // patches along a side
  private final int to;
  private final int width;

  private PositionInterpolation(int from, int to, int width) {
    this.from = from;
    this.to = to;
    this.width = width;
  }

  /** The embeddings (1,N,E) for another side, kept in a file. */
  static WeightTensor resized(
      WeightTensor stored, VisionConfig before, int side, String identity, Path folder) {
    Path file = folder.resolve("positions").resolve(identity + "-" + side + ".safetensors");
    WeightFiles source = WeightFiles.holding(List.of(stored));
    return DerivedFile.open(file, source, () -> write(file, stored, before, side)).get(0);
  }

  private static long write(Path file, WeightTensor stored, VisionConfig before, int side) {
    int from = before.imageSize() / before.patchSize();
    int to = side / before.patchSize();
    PositionInterpolation grid = new PositionInterpolation(from, to, before.hiddenSize());
    float[] resized = grid.resize(stored.floats());
    List<Long> shape = List.of(1L, (long) to * to + 1, (long) before.hiddenSize());
    try (SafetensorsWriter writer =
        new SafetensorsWriter(
            file, List.of(new SafetensorsWriter.Entry(stored.name(), DType.F32, shape)))) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * resized.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asFloatBuffer().put(resized);
      writer.write(bytes);
      writer.commit();
      return writer.checksum();
    }
  }

  private float[] resize(float[] stored) {
    float[] resized = new float[(to * to + 1) * width];
    System.arraycopy(stored, 0, resized, 0, width);
    for (int y = 0; y < to; y++) {
      for (int x = 0; x < to; x++) {
        blend(stored, y, x, resized, (1 + y * to + x) * width);
      }
    }
    return resized;
  }

  private void blend(float[] stored, int y, int x, float[] resized, int at) {
    double[] sums = new double[width];
    double top = source(y);
    double left = source(x);
    for (int j = -1; j <= 2; j++) {
      int row = clamp((int) Math.floor(top) + j);
      double vertical = cubic(top - Math.floor(top) - j);
      for (int i = -1; i <= 2; i++) {
        int column = clamp((int) Math.floor(left) + i);
        double weight = vertical * cubic(left - Math.floor(left) - i);
        int start = (1 + row * from + column) * width;
        for (int e = 0; e < width; e++) {
          sums[e] += weight * stored[start + e];
        }
      }
    }
    for (int e = 0; e < width; e++) {
      resized[at + e] = (float) sums[e];
    }
  }

  private double source(int index) {
    return (index + 0.5) * from / to - 0.5;
  }

  private int clamp(int index) {
    return Math.max(0, Math.min(from - 1, index));
  }

  private static double cubic(double distance) {
    double x = Math.abs(distance);
    if (x <= 1) {
      return ((A + 2) * x - (A + 3)) * x * x + 1;
    }
    return x < 2 ? ((A * x - 5 * A) * x + 8 * A) * x - 4 * A : 0;
  }
}
