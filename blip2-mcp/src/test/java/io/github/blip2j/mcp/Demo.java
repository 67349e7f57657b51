package io.github.blip2j.mcp;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The built-in models and the sample images. */
final class Demo {
  static final int SCENES = 6;

  private Demo() {}

  static Blip2 captioner() {
    return Blip2.builder().model(DemoModel.captioner()).backend("onnx").load();
  }

  static Blip2 matcher() {
    return Blip2.builder().model(DemoModel.matcher()).backend("onnx").load();
  }

  static byte[] scene(int number) {
    try {
      return Files.readAllBytes(Path.of("..", "samples", "scene-0" + number + ".png"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String url(int number) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(scene(number));
  }

  /** Puts the samples into a folder, named by their numbers. */
  static Path fill(Path folder) {
    try {
      Files.createDirectories(folder);
      for (int i = 0; i < SCENES; i++) {
        Files.write(folder.resolve(i + ".png"), scene(i));
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
