package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * From 1.29 on, ONNX Runtime's libraries for Linux and macOS report to their maker while they are
 * loaded, and only an environment variable can stop it. The version that is shipped must not.
 */
class TelemetryTest {
  private static final List<String> LIBRARIES =
      List.of(
          "linux-x64/libonnxruntime.so",
          "linux-aarch64/libonnxruntime.so",
          "osx-aarch64/libonnxruntime.dylib");

  @Test
  void theNativeLibrariesNameNoCollector() throws IOException {
    List<String> seen = new ArrayList<>();
    for (String library : LIBRARIES) {
      try (InputStream in =
          OrtEnvironment.class.getResourceAsStream("/ai/onnxruntime/native/" + library)) {
        if (in != null) {
          seen.add(library);
          String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
          assertThat(bytes.contains("events.data.microsoft.com")).as(library).isFalse();
        }
      }
    }
    assertThat(seen).isNotEmpty();
  }
}
