package io.github.blip2j.onnx;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.WeightTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Rounds a weight (out, in) to few bits, symmetrically: value ≈ scale · (number − middle). Plain
 * rounding takes the scale from a block's largest weight. With four bits the scale is searched: of
 * several candidates around it, each made the best in the least-squares sense for the numbers that
 * it gives, the one with the least squared error stays. Where samples of the layer's inputs are
 * known, later columns make up for the errors of earlier ones. Rows are shared out among the
 * processor's threads.
 */
final class Quantizer {
  /** Weights that are rounded before they are written: some tens of megabytes. */
  static final int PIECE = 1 << 25;

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

  /**
   * The rows of a weight in pieces, each to be rounded by itself: what these give, one behind the
   * other, is what the whole weight gives. Large vocabularies' heads would not fit into the heap.
   *
   * @param most weights of a piece, unless a tile of rows has more
   * @return the weight itself if it is small, or its values do not lie row by row; else pieces
   *     whose names say the rows, such as {@code head[128:256]}
   */
  static List<WeightTensor> pieces(WeightTensor weight, WeightForm form, int most) {
    long in = weight.size(1);
    long rows = Math.max(most / in / ErrorSpread.TILE, 1) * ErrorSpread.TILE;
    if (form.block() == 0 || weight.size(0) <= rows) {
      return List.of(weight);
    }
    long rowBytes = in * weight.dtype().bytes();
    List<WeightTensor> pieces = new ArrayList<>();
    for (long first = 0; first < weight.size(0); first += rows) {
      long count = Math.min(rows, weight.size(0) - first);
      pieces.add(
          new WeightTensor(
              weight.name() + "[" + first + ":" + (first + count) + "]",
              weight.dtype(),
              List.of(count, in),
              weight.file(),
              weight.offset() + first * rowBytes,
              count * rowBytes));
    }
    return pieces;
  }

  /** Values and scales in the layout of the form, little-endian. */
  record Result(ByteBuffer values, ByteBuffer scales) {}

  /**
   * Rounds a weight.
   *
   * @param factors that its columns are multiplied by before, or none
   */
  static Result quantize(WeightTensor weight, WeightForm form, float @Nullable [] factors) {
    return quantize(weight, form, factors, null);
  }

  /**
   * Rounds a weight.
   *
   * @param factors that its columns are multiplied by before, or none
   * @param spread what errors are made up for by, of a form with four bits; or none
   * @throws CheckpointException if it has a number that is not finite, which would round to any
   */
  static Result quantize(
      WeightTensor weight,
      WeightForm form,
      float @Nullable [] factors,
      @Nullable ErrorSpread spread) {
    Quantizer quantizer = new Quantizer(weight, form, factors);
    if (spread == null) {
      IntStream.range(0, quantizer.out).parallel().forEach(quantizer::row);
    } else {
      int tiles = (quantizer.out + ErrorSpread.TILE - 1) / ErrorSpread.TILE;
      IntStream.range(0, tiles).parallel().forEach(tile -> quantizer.tile(tile, spread));
    }
    ByteBuffer scales =
        ByteBuffer.allocate(4 * quantizer.scales.length).order(ByteOrder.LITTLE_ENDIAN);
    scales.asFloatBuffer().put(quantizer.scales);
    return new Result(quantizer.values, scales);
  }

  private void row(int row) {
    float[] weights = finite(row, 1);
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

  /** Some rows as they are stored. */
  private float[] finite(int first, int rows) {
    float[] stored = weight.floats((long) first * in, rows * in);
    for (int i = 0; i < stored.length; i++) {
      if (!Float.isFinite(stored[i])) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: expected finite numbers to round, found %s in row %d",
                weight.name(),
                stored[i],
                first + i / in));
      }
    }
    return stored;
  }

  /** Some rows side by side, block by block: the errors of one change what the next rounds. */
  private void tile(int tile, ErrorSpread spread) {
    int first = tile * ErrorSpread.TILE;
    int rows = Math.min(ErrorSpread.TILE, out - first);
    float[][] weights = columns(first, rows);
    float[][] state = spread.nothingYet();
    float[][] errors = new float[form.block()][ErrorSpread.TILE];
    for (int from = 0; from < in; from += form.block()) {
      spread.correct(weights, from, state);
      int[][] numbers = new int[rows][form.block()];
      float[] found = scales(weights, from, numbers);
      for (int i = 0; i < form.block(); i++) {
        for (int r = 0; r < rows; r++) {
          float w = weights[from + i][r];
          int q = found[r] == 0 ? 0 : number(w / found[r]);
          numbers[r][i] = q;
          errors[i][r] = w - q * found[r];
        }
        spread.pass(weights, from + i, errors[i]);
      }
      spread.note(state, from, errors);
      int blocks = in / form.block();
      for (int r = 0; r < rows; r++) {
        int at = (first + r) * blocks + from / form.block();
        scales[at] = found[r];
        put(at * form.block() * form.bits() / 8, numbers[r]);
      }
    }
  }

  /** The scale of each row's block as it is now. */
  private float[] scales(float[][] weights, int from, int[][] numbers) {
    float[] found = new float[numbers.length];
    float[] block = new float[form.block()];
    for (int r = 0; r < found.length; r++) {
      for (int i = 0; i < block.length; i++) {
        block[i] = weights[from + i][r];
      }
      found[r] = searched(block, 0, numbers[r]);
    }
    return found;
  }

  /** Rows as (in,TILE), so that what is done to all of them at once is side by side. */
  private float[][] columns(int first, int rows) {
    float[] stored = finite(first, rows);
    float[][] columns = new float[in][ErrorSpread.TILE];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < in; k++) {
        float factor = factors == null ? 1 : factors[k];
        columns[k][r] = stored[r * in + k] * factor;
      }
    }
    return columns;
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
