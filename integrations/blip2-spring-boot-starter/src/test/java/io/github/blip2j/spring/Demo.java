package io.github.blip2j.spring;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;

/** The built-in models and the repository's sample scenes. */
public final class Demo {
  private Demo() {}

  /** One that writes. */
  public static Blip2Builder captioner() {
    return Blip2.builder().model(DemoModel.captioner()).backend("onnx");
  }

  /** One that matches. */
  public static Blip2Builder matcher() {
    return Blip2.builder().model(DemoModel.matcher()).backend("onnx");
  }

  /** A scene's file. */
  public static Path file(int scene) {
    return Path.of("..", "..", "samples", "scene-0" + scene + ".png").toAbsolutePath().normalize();
  }

  /** A scene. */
  public static ImageSource image(int scene) {
    return ImageSource.of(file(scene));
  }
}
