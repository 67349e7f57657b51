package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Position embeddings of another image size, against PyTorch's bicubic filter axis by axis. */
class PositionInterpolationTest {
  private static final int WIDTH = 3;
  private static final int PATCH = 14;
  private static final String NAME = "embeddings.position_embedding";
  private static final double A = -0.75;

  @TempDir Path folder;

  /** An encoder of images whose sides are so many patches. */
  private record Vision(int side) implements VisionConfig {
    @Override
    public int hiddenSize() {
      return WIDTH;
    }

    @Override
    public int layers() {
      return 1;
    }

    @Override
    public int imageSize() {
      return side * PATCH;
    }

    @Override
    public int patchSize() {
      return PATCH;
    }

    @Override
    public VisionConfig withImageSize(int size) {
      return new Vision(size / PATCH);
    }

    @Override
    public Stage stage(Weights weights) {
      throw new UnsupportedOperationException("settings alone");
    }
  }

  /** The value of an embedding: of a vector's row, column and element. */
  private interface Values {
    double of(int row, int column, int element);
  }

  /** Stores a class vector and a grid. */
  private WeightTensor stored(int side, Values values) {
    float[] all = new float[(side * side + 1) * WIDTH];
    for (int i = 0; i < all.length; i++) {
      int patch = i / WIDTH - 1;
      all[i] = (float) (patch < 0 ? 100 + i : values.of(patch / side, patch % side, i % WIDTH));
    }
    List<Long> shape = List.of(1L, (long) side * side + 1, (long) WIDTH);
    var entry = new SafetensorsWriter.Entry(NAME, DType.F32, shape);
    Path file = folder.resolve("model.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(file, List.of(entry))) {
      writer.write(all, all.length, DType.F32);
      writer.commit();
    }
    return Weights.ofModel(folder, () -> folder).all().iterator().next();
  }

  private WeightTensor resized(WeightTensor stored, int from, int to) {
    return PositionInterpolation.resized(
        stored, new Vision(from), to * PATCH, "an-identity", folder.resolve("cache"));
  }

  /** aten/src/ATen/native/UpSample.h, get_cubic_upsample_coefficients. */
  private static double[] coefficients(double t) {
    return new double[] {outer(t + 1), inner(t), inner(1 - t), outer(2 - t)};
  }

  private static double inner(double x) {
    return ((A + 2) * x - (A + 3)) * x * x + 1;
  }

  private static double outer(double x) {
    return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }

  /** One line of values in another length. */
  private static double[] line(double[] values, int to) {
    double[] line = new double[to];
    for (int i = 0; i < to; i++) {
      double source = (double) values.length / to * (i + 0.5) - 0.5;
      int first = (int) Math.floor(source);
      double[] weights = coefficients(source - first);
      for (int j = 0; j < 4; j++) {
        int at = Math.max(0, Math.min(values.length - 1, first - 1 + j));
        line[i] += weights[j] * values[at];
      }
    }
    return line;
  }

  /** Rows first, then columns. */
  private static double[][] grid(double[][] values, int to) {
    double[][] rows = new double[values.length][];
    for (int y = 0; y < values.length; y++) {
      rows[y] = line(values[y], to);
    }
    double[][] grid = new double[to][to];
    for (int x = 0; x < to; x++) {
      double[] column = new double[values.length];
      for (int y = 0; y < values.length; y++) {
        column[y] = rows[y][x];
      }
      double[] longer = line(column, to);
      for (int y = 0; y < to; y++) {
        grid[y][x] = longer[y];
      }
    }
    return grid;
  }

  @ParameterizedTest
  @CsvSource({"2,5", "4,6", "5,3", "7,16", "6,7", "3,3"})
  void everyVectorIsABlendOfSixteen(int from, int to) {
    SplittableRandom random = new SplittableRandom(from);
    double[][][] values = new double[WIDTH][from][from];
    for (double[][] plane : values) {
      for (double[] row : plane) {
        for (int x = 0; x < from; x++) {
          row[x] = (float) random.nextGaussian();
        }
      }
    }
    WeightTensor found = resized(stored(from, (y, x, e) -> values[e][y][x]), from, to);
    assertThat(found.name()).isEqualTo(NAME);
    assertThat(found.shape()).containsExactly(1L, (long) to * to + 1, (long) WIDTH);
    float[] all = found.floats();
    assertThat(all).as("the class vector stays").startsWith(100, 101, 102);
    for (int e = 0; e < WIDTH; e++) {
      double[][] expected = grid(values[e], to);
      for (int y = 0; y < to; y++) {
        for (int x = 0; x < to; x++) {
          assertThat((double) all[(1 + y * to + x) * WIDTH + e])
              .as("vector %d, %d, element %d", y, x, e)
              .isCloseTo(expected[y][x], within(1e-6));
        }
      }
    }
  }

  @Test
  void whatIsEvenStaysEven() {
    float[] even = resized(stored(3, (y, x, e) -> e + 1), 3, 8).floats();
    for (int i = WIDTH; i < even.length; i++) {
      assertThat(even[i]).isEqualTo(i % WIDTH + 1, within(1e-6f));
    }
  }

  @Test
  void rowsAndColumnsKeepTheirDirections() {
    float[] found = resized(stored(4, (y, x, e) -> e == 0 ? y : e == 1 ? x : 0), 4, 8).floats();
    for (int i = 1; i < 8; i++) {
      int below = (1 + i * 8) * WIDTH;
      assertThat(found[below]).isGreaterThan(found[below - 8 * WIDTH]);
      int right = (1 + i) * WIDTH + 1;
      assertThat(found[right]).isGreaterThan(found[right - WIDTH]);
    }
  }

  @Test
  void theFileIsMadeOnceForEachSide() throws IOException {
    WeightTensor stored = stored(3, (y, x, e) -> y * x + e);
    Path first = resized(stored, 3, 4).file();
    var made = Files.getLastModifiedTime(first);
    assertThat(resized(stored, 3, 4).file()).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first)).isEqualTo(made);
    assertThat(resized(stored, 3, 5).file()).isNotEqualTo(first).exists();
  }
}
