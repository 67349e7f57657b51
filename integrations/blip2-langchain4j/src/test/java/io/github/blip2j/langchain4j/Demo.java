package io.github.blip2j.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The built-in models and the repository's sample scenes. */
final class Demo {
  private Demo() {}

  static Blip2Builder captioner() {
    return Blip2.builder().model(DemoModel.captioner()).backend("onnx");
  }

  static Blip2 matcher() {
    return Blip2.builder().model(DemoModel.matcher()).backend("onnx").load();
  }

  static Path file(int scene) {
    return Path.of("..", "..", "samples", "scene-0" + scene + ".png").toAbsolutePath().normalize();
  }

  static ImageSource image(int scene) {
    return ImageSource.of(file(scene));
  }

  static ImageContent content(int scene) {
    return content(file(scene));
  }

  static ImageContent content(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return ImageContent.from(Base64.getEncoder().encodeToString(bytes), "image/png");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
