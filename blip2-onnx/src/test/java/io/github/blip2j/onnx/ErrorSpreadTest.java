package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.spi.LayerInputs.Samples;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Later columns make up for the errors of earlier ones, as GPTQ with the whole matrix says. */
class ErrorSpreadTest {
  private static final double DAMPING = 0.1;

  @TempDir Path folder;

  private WeightTensor weight(int out, int in) {
    float[] values = numbers(out * in, 1);
    Path file = folder.resolve("w" + out + "x" + in + ".safetensors");
    List<Long> shape = List.of((long) out, (long) in);
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, List.of(new SafetensorsWriter.Entry("w", DType.F32, shape)))) {
      writer.write(values, values.length, DType.F32);
      writer.commit();
    }
    return Weights.ofFile(file).all().get(0);
  }

  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Channels that go together, as activations' do, and some larger than others. */
  private static Samples samples(int count, int width) {
    float[] own = numbers(count * width, 2);
    float[] common = numbers(count, 3);
    for (int i = 0; i < own.length; i++) {
      own[i] = (own[i] + 2 * common[i / width]) * (1 + i % width % 5);
    }
    return new Samples(count, width, own);
  }

  /**
   * What a weight of four bits was rounded to.
   *
   * @param numbers from −8 to 7
   * @param scales of each block
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  private record Rounded(int[] numbers, float[] scales, int block) {
    static Rounded of(WeightTensor weight, WeightForm form, @Nullable ErrorSpread spread) {
      return of(Quantizer.quantize(weight, form, null, spread), weight, form);
    }

    static Rounded of(Quantizer.Result result, WeightTensor weight, WeightForm form) {
      int[] numbers = new int[Math.toIntExact(weight.elements())];
      for (int i = 0; i < numbers.length; i++) {
        int two = result.values().get(i / 2);
        numbers[i] = ((i % 2 == 0 ? two : two >> 4) & 15) - 8;
      }
      float[] scales = new float[numbers.length / form.block()];
      result.scales().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(scales);
      return new Rounded(numbers, scales, form.block());
    }

    float scale(int i) {
      return scales[i / block];
    }

    float value(int i) {
      return scale(i) * numbers[i];
    }
  }

  /** Mean square of what results on samples differ by. */
  private static double error(float[] exact, Rounded rounded, Samples samples) {
    int in = samples.width();
    double sum = 0;
    for (int row = 0; row < exact.length / in; row++) {
      for (int i = 0; i < samples.count(); i++) {
        double difference = 0;
        for (int k = 0; k < in; k++) {
          int at = row * in + k;
          difference += (exact[at] - rounded.value(at)) * samples.values()[i * in + k];
        }
        sum += difference * difference;
      }
    }
    return sum / exact.length * in / samples.count();
  }

  /** (XᵀX + λI)⁻¹, by Gauss and Jordan. */
  private static double[][] inverse(Samples samples) {
    int n = samples.width();
    double[][] both = new double[n][2 * n];
    double trace = 0;
    for (int k = 0; k < n; k++) {
      for (int l = 0; l < n; l++) {
        for (int i = 0; i < samples.count(); i++) {
          both[k][l] += (double) samples.values()[i * n + k] * samples.values()[i * n + l];
        }
      }
      both[k][n + k] = 1;
      trace += both[k][k];
    }
    for (int k = 0; k < n; k++) {
      both[k][k] += DAMPING * trace / n;
    }
    for (int k = 0; k < n; k++) {
      double pivot = both[k][k]; // above zero: the matrix is positive definite
      for (int l = 0; l < 2 * n; l++) {
        both[k][l] /= pivot;
      }
      for (int row = 0; row < n; row++) {
        double factor = row == k ? 0 : both[row][k];
        for (int l = 0; factor != 0 && l < 2 * n; l++) {
          both[row][l] -= factor * both[k][l];
        }
      }
    }
    return Arrays.stream(both)
        .map(row -> Arrays.copyOfRange(row, n, 2 * n))
        .toArray(double[][]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "16, 48, INT4_BLOCK16",
    "201, 64, INT4_BLOCK32",
    "30, 128, INT4_BLOCK128",
    "7, 32, INT4_BLOCK32"
  })
  void everyNumberIsTheNearestAfterTheErrorsBeforeIt(int count, int in, WeightForm form) {
    WeightTensor weight = weight(5, in);
    Samples samples = samples(count, in);
    Rounded found = Rounded.of(weight, form, ErrorSpread.of(samples, null, form.block()));
    double[][] inverse = inverse(samples);
    float[] all = weight.floats();
    for (int row = 0; row < 5; row++) {
      double[] w = new double[in];
      for (int k = 0; k < in; k++) {
        w[k] = all[row * in + k];
      }
      walk(w, inverse, found, row * in);
    }
  }

  /** Goes through a row as GPTQ does, with the errors that were made. */
  private static void walk(double[] w, double[][] whole, Rounded found, int at) {
    double[][] inverse = whole;
    for (int k = 0; k < w.length; k++) {
      double scale = found.scale(at + k);
      double nearest = Math.max(-8, Math.min(7, w[k] / scale));
      assertThat((double) found.numbers()[at + k])
          .as("column %d of a row that begins at %d", k, at)
          .isCloseTo(nearest, within(0.5 + 1e-2)); // sums of floats
      double error = (w[k] - found.value(at + k)) / inverse[0][0];
      double[][] rest = new double[inverse.length - 1][inverse.length - 1];
      for (int l = 1; l < inverse.length; l++) {
        w[k + l] -= error * inverse[l][0];
        for (int m = 1; m < inverse.length; m++) {
          rest[l - 1][m - 1] = inverse[l][m] - inverse[l][0] * inverse[0][m] / inverse[0][0];
        }
      }
      inverse = rest;
    }
  }

  /** More rows than a tile has, and a last tile that is not full. */
  @ParameterizedTest
  @CsvSource({"INT4_BLOCK128", "INT4_BLOCK32"})
  void resultsStayNearerThoughNumbersDoNot(WeightForm form) {
    WeightTensor weight = weight(ErrorSpread.TILE + 37, 256);
    Samples samples = samples(120, 256);
    Rounded plain = Rounded.of(weight, form, null);
    Rounded fitted = Rounded.of(weight, form, ErrorSpread.of(samples, null, form.block()));
    float[] exact = weight.floats();
    assertThat(error(exact, fitted, samples)).isLessThan(error(exact, plain, samples) / 4);
    assertThat(own(exact, fitted)).isGreaterThan(own(exact, plain));
  }

  private static double own(float[] exact, Rounded rounded) {
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      sum += Math.pow(exact[i] - rounded.value(i), 2);
    }
    return sum;
  }

  /** Where inputs never go together, nothing can make up for an error. */
  @Test
  void inputsApartChangeNothing() {
    WeightTensor weight = weight(9, 64);
    float[] one = new float[64 * 64];
    for (int k = 0; k < 64; k++) {
      one[k * 64 + k] = 3;
    }
    WeightForm form = WeightForm.INT4_BLOCK32;
    ErrorSpread spread = ErrorSpread.of(new Samples(64, 64, one), null, 32);
    Rounded plain = Rounded.of(weight, form, null);
    Rounded fitted = Rounded.of(weight, form, spread);
    assertThat(fitted.scales()).isEqualTo(plain.scales());
    float[] exact = weight.floats();
    for (int i = 0; i < exact.length; i++) { // not what the search rounded by, but the nearest
      double nearest = Math.max(-8, Math.min(7, exact[i] / plain.scale(i)));
      assertThat((double) fitted.numbers()[i]).isCloseTo(nearest, within(0.5001));
    }
  }

  @Test
  void samplesOfNothingSayNothing() {
    assertThat(ErrorSpread.of(new Samples(3, 32, new float[96]), null, 32)).isNull();
  }

  /** Inputs are divided by what columns are multiplied by. */
  @Test
  void factorsAreTakenFromTheInputs() {
    WeightForm form = WeightForm.INT4_BLOCK32;
    WeightTensor weight = weight(12, 64);
    Samples samples = samples(40, 64);
    float[] factors = new float[64];
    float[] times = samples.values().clone();
    Arrays.fill(factors, 1);
    factors[5] = 64;
    factors[40] = 0.25f;
    for (int i = 0; i < times.length; i++) {
      times[i] *= factors[i % 64];
    }
    ErrorSpread plain = ErrorSpread.of(samples, null, 32);
    ErrorSpread scaled = ErrorSpread.of(new Samples(40, 64, times), factors, 32);
    Rounded expected = Rounded.of(weight, form, plain);
    Rounded found = Rounded.of(weight, form, scaled); // the weight itself is the same
    assertThat(found.numbers()).isEqualTo(expected.numbers());
    assertThat(found.scales()).isEqualTo(expected.scales());
  }

  /** Rows know nothing of one another, whether samples are known or not. */
  @ParameterizedTest
  @CsvSource({"INT4_BLOCK128, true", "INT4_BLOCK32, false", "INT8_BLOCK16, false"})
  void piecesGiveWhatTheWholeGives(WeightForm form, boolean known) {
    WeightTensor weight = weight(300, 256);
    ErrorSpread spread = known ? ErrorSpread.of(samples(40, 256), null, form.block()) : null;
    Quantizer.Result whole = Quantizer.quantize(weight, form, null, spread);
    List<WeightTensor> pieces = Quantizer.pieces(weight, form, 128 * 256 + 100);
    assertThat(pieces)
        .extracting(WeightTensor::name)
        .containsExactly("w[0:128]", "w[128:256]", "w[256:300]");
    ByteBuffer values = ByteBuffer.allocate(whole.values().remaining());
    ByteBuffer scales = ByteBuffer.allocate(whole.scales().remaining());
    for (WeightTensor piece : pieces) {
      Quantizer.Result result = Quantizer.quantize(piece, form, null, spread);
      values.put(result.values());
      scales.put(result.scales());
    }
    assertThat(values.flip()).isEqualTo(whole.values());
    assertThat(scales.flip()).isEqualTo(whole.scales());
  }

  /** BLOOMZ's: a gigabyte of eight bits, in a heap that is no larger. */
  @Test
  void aLargeHeadIsRoundedInSmallPieces() {
    List<Long> shape = List.of(250_880L, 4096L);
    long bytes = 2 * 250_880L * 4096;
    WeightTensor head = new WeightTensor("head", DType.F16, shape, Path.of("none"), 64, bytes);
    WeightForm form = WeightForm.INT8_BLOCK128;
    List<WeightTensor> pieces = Quantizer.pieces(head, form, Quantizer.PIECE);
    assertThat(pieces).allMatch(piece -> form.bytes(piece) < 40_000_000);
    long end = head.offset();
    for (WeightTensor piece : pieces) {
      assertThat(piece.offset()).isEqualTo(end);
      end += piece.bytes();
    }
    assertThat(end).isEqualTo(head.offset() + bytes);
    assertThat(Quantizer.pieces(head, WeightForm.INT8_COLUMNS, 1)).containsExactly(head);
  }

  @Test
  void everyRunGivesTheSame() {
    WeightForm form = WeightForm.INT4_BLOCK128;
    WeightTensor weight = weight(300, 256);
    Samples samples = samples(64, 256);
    Quantizer.Result first =
        Quantizer.quantize(weight, form, null, ErrorSpread.of(samples, null, 128));
    for (int i = 0; i < 3; i++) {
      Quantizer.Result again =
          Quantizer.quantize(weight, form, null, ErrorSpread.of(samples, null, 128));
      assertThat(again.values()).isEqualTo(first.values());
      assertThat(again.scales()).isEqualTo(first.scales());
    }
  }
}
