package io.github.blip2j.onnx;

import io.github.blip2j.spi.LayerInputs.Samples;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How weights that are still to be rounded make up for the errors of those before them, so that a
 * layer's results on samples of its inputs change least: GPTQ (Frantar et al. 2022), in the order
 * of the columns.
 *
 * <p>With X (N,in) the samples and H = XᵀX + λI, an error e of weight j is best spread over the
 * columns R behind it by −(H_RR)⁻¹ H_Rj e, which is X_Rᵀ v_j e with v_j = (X_R X_Rᵀ + λI)⁻¹ x_j. So
 * what a row's weights need to know of all errors so far is one vector of N numbers, s = Σ v_j e_j:
 * weight k becomes w_k + x_k·s. H itself, whose factorisation takes in³ steps, is never made: the
 * v_j take in·N² steps, by adding columns from the last to the first to an inverse (Sherman and
 * Morrison 1950). Immutable; safe for many threads.
 */
final class ErrorSpread {
  /** Rows of a weight that are rounded together, side by side in memory. */
  static final int TILE = 128;

  private static final double DAMPING = 0.1; // λ, of the mean of H's diagonal
  private static final int LANES = 4; // samples that are added in one pass

  private final int count; // N, made a multiple of LANES
  private final int block;
  private final float[] columns; // (in,N), x_k
  private final float[] spreads; // (in,N), v_k
  private final float[] within; // (in,block), v_k · x_l for each l of k's block

  private ErrorSpread(int count, int block, float[] columns, float[] spreads) {
    this.count = count;
    this.block = block;
    this.columns = columns;
    this.spreads = spreads;
    this.within = new float[columns.length / count * block];
    IntStream.range(0, columns.length / count)
        .parallel()
        .forEach(
            k -> {
              int first = k / block * block;
              for (int l = k + 1; l < first + block; l++) {
                within[k * block + l - first] = (float) dot(spreads, k, columns, l);
              }
            });
  }

  /**
   * Looks at samples.
   *
   * @param factors that the weight's columns are multiplied by and its inputs divided by, or none
   * @param block columns that share a scale
   * @return null if all samples are zero, which say nothing
   */
  static @Nullable ErrorSpread of(Samples samples, float @Nullable [] factors, int block) {
    int width = samples.width();
    int count = (samples.count() + LANES - 1) / LANES * LANES;
    float[] columns = new float[width * count];
    double squares = 0;
    for (int i = 0; i < samples.count(); i++) {
      for (int k = 0; k < width; k++) {
        float value = samples.values()[i * width + k] / (factors == null ? 1 : factors[k]);
        columns[k * count + i] = value;
        squares += (double) value * value;
      }
    }
    double damping = DAMPING * squares / width;
    return damping > 0
        ? new ErrorSpread(count, block, columns, spreads(columns, count, damping))
        : null;
  }

  private static float[] spreads(float[] columns, int count, double damping) {
    double[][] inverse = new double[count][count];
    for (int i = 0; i < count; i++) {
      inverse[i][i] = 1 / damping;
    }
    float[] spreads = new float[columns.length];
    double[] known = new double[count]; // the last column added, times the inverse before it
    double weight = 0; // of its square in the inverse
    for (int k = columns.length / count - 1; k >= 0; k--) {
      double[] next = new double[count];
      double[] column = new double[count];
      for (int i = 0; i < count; i++) {
        column[i] = columns[k * count + i];
      }
      double[] before = known;
      double scale = weight;
      IntStream.range(0, count)
          .parallel()
          .forEach(i -> next[i] = update(inverse[i], before, scale * before[i], column));
      double length = 1;
      for (int i = 0; i < count; i++) {
        spreads[k * count + i] = (float) next[i];
        length += column[i] * next[i];
      }
      known = next;
      weight = 1 / length;
    }
    return spreads;
  }

  /** Takes a multiple of a vector from a row of the inverse, and multiplies the row by a column. */
  private static double update(double[] row, double[] vector, double factor, double[] column) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < row.length; i += LANES) {
      row[i] -= factor * vector[i];
      row[i + 1] -= factor * vector[i + 1];
      row[i + 2] -= factor * vector[i + 2];
      row[i + 3] -= factor * vector[i + 3];
      a += row[i] * column[i];
      b += row[i + 1] * column[i + 1];
      c += row[i + 2] * column[i + 2];
      d += row[i + 3] * column[i + 3];
    }
    return a + b + c + d;
  }

  private double dot(float[] a, int k, float[] b, int l) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[k * count + i] * b[l * count + i];
    }
    return sum;
  }

  /**
   * What a tile's weights know of the errors before.
   *
   * @return (N,TILE), zero
   */
  float[][] nothingYet() {
    return new float[count][TILE];
  }

  /**
   * Adds to the weights of a block what makes up for the errors before it.
   *
   * @param weights (in,TILE)
   * @param from the block's first column
   * @param state (N,TILE)
   */
  void correct(float[][] weights, int from, float[][] state) {
    for (int k = from; k < from + block; k++) {
      for (int i = 0; i < count; i += LANES) {
        add(weights[k], state, i, new Factors(columns, k * count + i, 1));
      }
    }
  }

  /**
   * Adds to the rest of a block what makes up for the error of one of its columns.
   *
   * @param weights (in,TILE)
   * @param column whose error it is
   * @param errors (TILE) of it
   */
  void pass(float[][] weights, int column, float[] errors) {
    int first = column / block * block;
    for (int l = column + 1; l < first + block; l++) {
      float factor = within[column * block + l - first];
      float[] to = weights[l];
      for (int r = 0; r < TILE; r++) {
        to[r] += factor * errors[r];
      }
    }
  }

  /**
   * Notes the errors of a block for what comes behind it.
   *
   * @param state (N,TILE)
   * @param from the block's first column
   * @param errors (block,TILE)
   */
  void note(float[][] state, int from, float[][] errors) {
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < block; k += LANES) {
        add(state[i], errors, k, new Factors(spreads, (from + k) * count + i, count));
      }
    }
  }

  /** Numbers at a distance from one another. */
  @SuppressWarnings("ArrayRecordComponent") // names places in an array
  private record Factors(float[] values, int first, int stride) {}

  /**
   * Adds four rows, each times a factor. Every row is an array of its own, all of one index: else
   * the compiler would not know that they do not overlap, and add one number at a time.
   */
  private static void add(float[] to, float[][] rows, int from, Factors factors) {
    float[] p = rows[from];
    float[] q = rows[from + 1];
    float[] s = rows[from + 2];
    float[] t = rows[from + 3];
    float a = factors.values()[factors.first()];
    float b = factors.values()[factors.first() + factors.stride()];
    float c = factors.values()[factors.first() + 2 * factors.stride()];
    float d = factors.values()[factors.first() + 3 * factors.stride()];
    for (int r = 0; r < TILE; r++) {
      to[r] += a * p[r] + b * q[r] + c * s[r] + d * t[r];
    }
  }
}
