package io.github.blip2j.onnx;

import io.github.blip2j.files.WeightTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rounds a weight (out, in) to few bits, symmetrically: value ≈ scale · (number − middle). Plain
 * rounding takes the scale from a block's largest weight. With four bits the scale is searched: of
 * several candidates around it, each made the best in the least-squares sense for the numbers that
 * it gives, the one with the least squared error stays. Rows are shared out among the processor's
 * threads.
 */
final class Quantizer {
  private static final int CANDIDATES = 9; // on either side of the plain one

  private final WeightTensor weight;
  private final WeightForm form;
  private final int out;
  private final int in;
  private final ByteBuffer values;
  private final float[] scales;
  private final float @Nullable [] factors;

  private Quantizer(WeightTensor weight, WeightForm form, float @Nullable [] factors) {
    this.weight = weight;
    this.form = form;
    this.factors = factors;
    this.out = weight.size(0);
    this.in = weight.size(1);
    long bytes = form.shape(weight).stream().reduce(1L, Math::multiplyExact);
    values = ByteBuffer.allocate(Math.toIntExact(bytes));
    scales =
        new float[Math.toIntExact(form.scales(weight).stream().reduce(1L, Math::multiplyExact))];
  }

  /** Values and scales in the layout of the form, little-endian. */
  record Result(ByteBuffer values, ByteBuffer scales) {}

  /**
   * Rounds a weight.
   *
   * @param factors that its columns are multiplied by before, or none
   */
  static Result quantize(WeightTensor weight, WeightForm form, float @Nullable [] factors) {
    Quantizer quantizer = new Quantizer(weight, form, factors);
    IntStream.range(0, quantizer.out).parallel().forEach(quantizer::row);
    ByteBuffer scales =
        ByteBuffer.allocate(4 * quantizer.scales.length).order(ByteOrder.LITTLE_ENDIAN);
    scales.asFloatBuffer().put(quantizer.scales);
    return new Result(quantizer.values, scales);
  }

  private void row(int row) {
    float[] weights = weight.floats((long) row * in, in);
    for (int i = 0; factors != null && i < in; i++) {
      weights[i] *= factors[i];
    }
    if (form.block() == 0) {
      column(row, weights);
      return;
    }
    int blocks = in / form.block();
    int blockBytes = form.block() * form.bits() / 8;
    int[] numbers = new int[form.block()];
    for (int block = 0; block < blocks; block++) {
      int from = block * form.block();
      scales[row * blocks + block] =
          form.bits() == 4
              ? searched(weights, from, numbers)
              : plain(weights, from, form.block(), 127, numbers);
      put((row * blocks + block) * blockBytes, numbers);
    }
  }

  /** One scale for a whole output; the values lie (in, out). */
  private void column(int row, float[] weights) {
    int[] numbers = new int[in];
    scales[row] = plain(weights, 0, in, 127, numbers);
    for (int i = 0; i < in; i++) {
      values.put(i * out + row, (byte) numbers[i]);
    }
  }

  private void put(int at, int[] numbers) {
    if (form.bits() == 8) {
      for (int i = 0; i < numbers.length; i++) {
        values.put(at + i, (byte) (numbers[i] + 128));
      }
    } else {
      for (int i = 0; i < numbers.length; i += 2) {
        values.put(at + i / 2, (byte) (numbers[i] + 8 | numbers[i + 1] + 8 << 4));
      }
    }
  }

  private static float plain(float[] weights, int from, int count, int most, int[] numbers) {
    float largest = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(weights[from + i]));
    }
    float scale = largest / most;
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = 0; i < count; i++) {
      numbers[i] = Math.round(weights[from + i] * inverse);
    }
    return scale;
  }

  /**
   * Four bits have one more number below zero, so the largest weight's sign decides the scale's.
   */
  private static float searched(float[] weights, int from, int[] numbers) {
    float extreme = 0;
    for (int i = 0; i < numbers.length; i++) {
      float w = weights[from + i];
      extreme = Math.abs(w) > Math.abs(extreme) ? w : extreme;
    }
    if (extreme == 0) {
      java.util.Arrays.fill(numbers, 0);
      return 0;
    }
    float bestScale = 0;
    double bestGain = -1;
    float bestInverse = 0;
    for (int c = -CANDIDATES; c <= CANDIDATES; c++) {
      float inverse = -(8 + 0.1f * c) / extreme;
      double product = 0; // Σ w·q
      double square = 0; // Σ q²
      for (int i = 0; i < numbers.length; i++) {
        float w = weights[from + i];
        int q = number(w * inverse);
        product += w * q;
        square += q * q;
      }
      // least squares: scale = Σwq/Σq², and what it explains is (Σwq)²/Σq²
      if (square > 0 && product * product / square > bestGain) {
        bestGain = product * product / square;
        bestScale = (float) (product / square);
        bestInverse = inverse;
      }
    }
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(weights[from + i] * bestInverse);
    }
    return bestScale;
  }

  private static int number(float scaled) {
    return Math.max(-8, Math.min(7, Math.round(scaled)));
  }
}
