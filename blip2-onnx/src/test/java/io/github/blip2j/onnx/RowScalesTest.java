package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import io.github.blip2j.Blip2;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products of bytes: each row has its own scale, however large the others are. */
class RowScalesTest {
  private static final int IN = 96;
  private static final int OUT = 40;
  private static final int ROWS = 7;

  @TempDir Path folder;
  private final Random random = new Random(11);
  private final float[] weight = gaussian(OUT * IN);
  private final float[] bias = gaussian(OUT);

  private float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private OnnxGraph.FilePart part(WeightTensor tensor) {
    return new OnnxGraph.FilePart(
        folder.relativize(tensor.file()).toString(), tensor.offset(), tensor.bytes());
  }

  private WeightTensor stored(String name, List<Long> shape, float[] values) {
    Path file = folder.resolve(name + ".safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(file, List.of(new SafetensorsWriter.Entry(name, DType.F32, shape)))) {
      writer.write(values, values.length, DType.F32);
      writer.commit();
    }
    return Weights.ofFile(file).all().get(0);
  }

  private byte[] graph(Tensor.ByteRange bytes) {
    WeightTensor plain = stored("plain", List.of((long) OUT, (long) IN), weight);
    Quantizer.Result result = Quantizer.quantize(plain, WeightForm.INT8_COLUMNS, null);
    Path file = folder.resolve("rounded.safetensors");
    try (SafetensorsWriter writer =
        new SafetensorsWriter(
            file,
            List.of(
                new SafetensorsWriter.Entry("w", DType.I8, List.of((long) IN, (long) OUT)),
                new SafetensorsWriter.Entry("s", DType.F32, List.of((long) OUT))))) {
      writer.write(result.values());
      writer.write(result.scales());
      writer.commit();
    }
    List<WeightTensor> tensors = Weights.ofFile(file).all();
    WeightTensor added = stored("bias", List.of((long) OUT), bias);
    OnnxGraph graph = new OnnxGraph("test");
    Tensor x = graph.input("x", FLOAT32, "N", IN);
    Tensor values = graph.stored("w", INT8, tensors.get(0).shape(), part(tensors.get(0)));
    Tensor scales = graph.stored("s", FLOAT32, tensors.get(1).shape(), part(tensors.get(1)));
    Tensor shift = graph.stored("b", FLOAT32, added.shape(), part(added));
    graph.output("y", x.matMulOfBytes(values, scales, shift, bytes), "N", OUT);
    return graph.toModel();
  }

  private float[] run(float[] x, Tensor.ByteRange bytes) throws Exception {
    OnnxLibrary.start(Blip2.defaultCacheDirectory());
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", folder.toString());
      try (OrtSession session = OnnxLibrary.environment().createSession(graph(bytes), options);
          OnnxTensor given =
              OnnxTensor.createTensor(
                  OnnxLibrary.environment(), FloatBuffer.wrap(x), new long[] {x.length / IN, IN});
          OrtSession.Result result = session.run(Map.of("x", given))) {
        FloatBuffer floats = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] y = new float[floats.remaining()];
        floats.get(y);
        return y;
      }
    }
  }

  /** Relative error of one row without its bias. */
  private double error(float[] x, float[] y, int row) {
    double square = 0;
    double difference = 0;
    for (int o = 0; o < OUT; o++) {
      double sum = 0;
      for (int i = 0; i < IN; i++) {
        sum += (double) x[row * IN + i] * weight[o * IN + i];
      }
      square += sum * sum;
      difference += Math.pow(y[row * OUT + o] - bias[o] - sum, 2);
    }
    return Math.sqrt(difference / square);
  }

  @ParameterizedTest
  @CsvSource({"false, true, 0.02", "true, true, 0.02", "false, false, 0.03", "true, false, 0.03"})
  void aRowIsRoundedByItself(boolean activated, boolean whole, double most) throws Exception {
    Tensor.ByteRange bytes = ByteSums.range(activated, whole);
    float[] x = gaussian(ROWS * IN);
    for (int row = 0; row < ROWS; row++) {
      for (int i = 0; i < IN; i++) {
        float value = x[row * IN + i] * (float) Math.pow(100, row - 3); // from 1e-6 to 1e6
        x[row * IN + i] = activated ? Math.abs(value) : value;
      }
    }
    float[] y = run(x, bytes);
    for (int row = 3; row < ROWS; row++) { // smaller ones are lost in the bias's own digits
      assertThat(error(x, y, row)).as("row %d", row).isBetween(1e-4, most);
    }
    assertThat(run(x, bytes)).isEqualTo(y);
  }

  @Test
  void whatIsHardlyNegativeHasItsDigitsAboveZero() throws Exception {
    float[] x = gaussian(ROWS * IN);
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(-0.1f, x[i] * 2);
    }
    double above = 0;
    double even = 0;
    float[] y = run(x, ByteSums.range(true));
    float[] other = run(x, ByteSums.range(false));
    for (int row = 0; row < ROWS; row++) {
      above += error(x, y, row) / ROWS;
      even += error(x, other, row) / ROWS;
    }
    assertThat(above).isLessThan(even);
  }

  /** Sums of seven-bit activations fit everywhere; which others do, the processor says. */
  @Test
  void theRangeIsOneWhoseSumsAreWhole() {
    OnnxLibrary.start(Blip2.defaultCacheDirectory());
    assertThat(ByteSums.whole(new Tensor.ByteRange(8, 127))).isTrue();
    assertThat(ByteSums.whole(ByteSums.range(true))).isTrue();
    assertThat(ByteSums.range(false, true)).isEqualTo(new Tensor.ByteRange(128, 255));
    assertThat(ByteSums.range(true, false)).isEqualTo(new Tensor.ByteRange(8, 127));
  }

  @Test
  void aRowOfZerosIsTheBias() throws Exception {
    assertThat(run(new float[2 * IN], ByteSums.range(false)))
        .startsWith(bias)
        .endsWith(bias)
        .doesNotContain(Float.NaN);
  }
}
