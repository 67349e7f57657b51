package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** The built-in models, their scenes, and what the reference says of them. */
final class Demo {
  static final int SCENES = 6;

  private static final Path GOLDEN =
      Path.of("..", "blip2-demo-model", "src", "test", "resources", "demo", "golden");
  private static final JsonNode CASES = golden();

  private Demo() {}

  static Blip2 captioner() {
    return Blip2.builder().model(DemoModel.captioner()).backend("onnx").load();
  }

  static Blip2 matcher() {
    return Blip2.builder().model(DemoModel.matcher()).backend("onnx").load();
  }

  static byte[] scene(int number) {
    return read(GOLDEN.resolve("scene-0" + number + ".png"));
  }

  /** The scene as clients send it. */
  static String url(int number) {
    return url(scene(number));
  }

  static String url(byte[] image) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(image);
  }

  /** What the reference, Transformers, writes about a scene without a prompt. */
  static String caption(int number) {
    return CASES.get(number).get("texts").get(0).textValue();
  }

  /** The reference's answer to a question of its cases. */
  static String answer(int number, int question) {
    return CASES.get(number).get("texts").get(question).textValue();
  }

  /** A question of the reference's cases without its template. */
  static String question(int number, int question) {
    String prompt = CASES.get(number).get("prompts").get(question).textValue();
    return prompt.replace("Question: ", "").replace(" Answer:", "");
  }

  private static JsonNode golden() {
    try {
      return Json.MAPPER.readTree(read(GOLDEN.resolve("golden.json"))).get("cases");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
