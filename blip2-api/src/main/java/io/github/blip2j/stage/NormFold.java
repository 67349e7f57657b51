package io.github.blip2j.stage;

import io.github.blip2j.files.WeightTensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A norm whose results go into linear layers and nowhere else: each of its channels can be divided
 * by a factor, if the layers' columns are multiplied by it, and every product stays what it was
 * (SmoothQuant, Xiao et al. 2022, without its calibration). Where numbers are rounded to few bits,
 * that moves a part of channels that are far larger than the rest into the weights, whose columns
 * there are small. Immutable.
 *
 * @param gain what the norm multiplies its channels by, (D)
 * @param shift what it adds to them, (D); null if it adds nothing
 * @param linear weights (out,D) of the layers, at least one
 */
public record NormFold(WeightTensor gain, @Nullable WeightTensor shift, List<WeightTensor> linear) {
  private static final int LEAST = 2; // of an exponent, either way
  private static final int MOST = 40; // of an exponent: nothing of a float's range is lost
  private static final int PIECE = 1 << 18; // weights that are read at a time

  /** Copies the list. */
  public NormFold {
    linear = List.copyOf(linear);
  }

  /**
   * The norm's own weights.
   *
   * @return gain and shift, or the gain alone
   */
  public List<WeightTensor> norm() {
    return shift == null ? List.of(gain) : List.of(gain, shift);
  }

  /**
   * The factors that make a channel's size and its columns' alike: √(size of the channel / size of
   * the columns), rounded to a power of two, so that neither a division nor a product with it
   * rounds anything. A channel is as large as its gain and shift, whose input has variance one on
   * the average; columns are as large as their root mean square over all layers. Factors are
   * relative to the middle one, and 1 within half and double of it, where scaling saves nothing,
   * and where either size is zero. Multiplying a channel by some number and dividing its columns by
   * it, as outliers do, multiplies the factor by that number.
   *
   * @return D factors, new
   * @throws io.github.blip2j.core.CheckpointException if a weight cannot be read
   */
  public float[] factors() {
    double[] columns = columns();
    float[] gains = gain.floats();
    float[] shifts = shift == null ? new float[gains.length] : shift.floats();
    int[] exponents = new int[gains.length];
    for (int c = 0; c < exponents.length; c++) {
      double ratio = Math.hypot(gains[c], shifts[c]) / Math.sqrt(columns[c]);
      boolean usable = ratio > 0 && Double.isFinite(ratio);
      exponents[c] = usable ? (int) Math.rint(Math.log(ratio) / Math.log(4)) : 0;
    }
    int middle = Arrays.stream(exponents).sorted().toArray()[exponents.length / 2];
    float[] factors = new float[exponents.length];
    for (int c = 0; c < factors.length; c++) {
      boolean dead = columns[c] == 0 || gains[c] == 0 && shifts[c] == 0;
      int exponent = dead || Math.abs(exponents[c] - middle) < LEAST ? 0 : exponents[c] - middle;
      factors[c] = Math.scalb(1f, Math.max(-MOST, Math.min(MOST, exponent)));
    }
    return factors;
  }

  /** Mean square of each column over the rows of all layers. */
  private double[] columns() {
    double[] sums = new double[gain.size(0)];
    long rows = 0;
    for (WeightTensor weight : linear) {
      int piece = Math.max(1, PIECE / weight.size(1)); // rows: the same on every machine
      rows += weight.size(0);
      IntStream.range(0, (weight.size(0) + piece - 1) / piece)
          .parallel()
          .mapToObj(i -> squares(weight, i * piece, Math.min(weight.size(0), (i + 1) * piece)))
          .forEachOrdered(some -> Arrays.setAll(sums, c -> sums[c] + some[c]));
    }
    long count = rows;
    Arrays.setAll(sums, c -> sums[c] / count);
    return sums;
  }

  private static double[] squares(WeightTensor weight, int from, int end) {
    int width = weight.size(1);
    float[] values = weight.floats((long) from * width, (end - from) * width);
    double[] sums = new double[width];
    for (int i = 0; i < values.length; i++) {
      sums[i % width] += (double) values[i] * values[i];
    }
    return sums;
  }
}
