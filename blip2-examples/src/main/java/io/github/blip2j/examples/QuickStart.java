package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.core.Device;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.List;

/** What the README shows; the build checks that both are the same. */
public final class QuickStart {
  private QuickStart() {}

  /**
   * Captions an image, goes on from a prompt, and answers a question.
   *
   * @param arguments a checkpoint directory or a downloaded model's name, and an image
   */
  public static void main(String[] arguments) {
    caption(arguments[0], arguments[1]);
    tasks(arguments[0], arguments[1]);
    stream(arguments[0], arguments[1]);
    questions(arguments[0], arguments[1]);
  }

  static void caption(String model, String imageFile) {
    try (Blip2 blip2 = Blip2.load(model)) {
      ImageSource image = ImageSource.of(Path.of(imageFile));
      System.out.println(blip2.caption(image).text());
      System.out.println(blip2.caption(image, "a photo of").text());
      System.out.println(blip2.ask(image, "how many shapes are there?").text());
    }
  }

  static void tasks(String model, String imageFile) {
    try (Blip2 blip2 =
        Blip2.builder().model(model).backend("onnx").device(Device.CPU).threads(2).load()) {
      GenerationOptions longer = GenerationOptions.defaults().withMaxNewTokens(40);
      List<ImageSource> images = List.of(ImageSource.of(Path.of(imageFile)));
      for (GeneratedText text : blip2.captioner().withOptions(longer).caption(images)) {
        System.out.println(text.text() + " " + text.tokenIds() + " " + text.finishReason());
        System.out.println("vision encoder: " + text.timings().vision().toMillis() + " ms");
      }
    }
  }

  static void stream(String model, String imageFile) {
    ImageSource image = ImageSource.of(Path.of(imageFile));
    try (Blip2 blip2 = Blip2.load(model)) {
      GenerationOptions options = GenerationOptions.builder().maxNewTokens(40).build();
      GenerationRequest request = new GenerationRequest(image, "a photo of", options);
      try (Generation generation = blip2.stream(request)) {
        for (TextPiece piece : generation) {
          System.out.print(piece.text());
        }
      }
      System.out.println();
    }
  }

  static void questions(String model, String imageFile) {
    try (Blip2 blip2 = Blip2.load(model)) {
      EncodedImage image =
          blip2.encode(ImageSource.of(Path.of(imageFile))); // the costly part, once
      try (ChatSession chat = blip2.chat(image)) {
        System.out.println(chat.ask("what is it?").text());
        System.out.println(chat.ask("where is it?").text()); // costs its new tokens only
      }
      String prompt = "Question: is it day or night? Answer:";
      for (RankedAnswer answer : blip2.rank(image, prompt, List.of("day", "night"))) {
        System.out.println(answer.text() + " " + answer.probability());
      }
    }
  }
}
