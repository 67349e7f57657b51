/** BLIP-2 on ONNX Runtime; found through {@code ServiceLoader}. */
module io.github.blip2j.onnx {
  requires io.github.blip2j;
  requires com.microsoft.onnxruntime;
  requires static org.jspecify;

  provides io.github.blip2j.spi.Backend with
      io.github.blip2j.onnx.OnnxBackend;
}
