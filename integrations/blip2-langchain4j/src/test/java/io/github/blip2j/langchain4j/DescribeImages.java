package io.github.blip2j.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import io.github.blip2j.Blip2;
import java.nio.file.Path;

/**
 * The sample: an interface that LangChain4j implements with the built-in model. {@code
 * integrations/run langchain4j [image] [question]} starts it.
 */
public final class DescribeImages {
  /** What it can be asked. */
  interface Viewer {
    String ask(@UserMessage String question, @UserMessage ImageContent image);
  }

  private DescribeImages() {}

  /**
   * Prints the answer to a question about an image.
   *
   * @param args an image file and a question; both may be left out
   */
  public static void main(String[] args) {
    Path image = args.length > 0 ? Path.of(args[0]) : Demo.file(0);
    String question = args.length > 1 ? args[1] : "what colour is the circle?";
    try (Blip2 blip2 = Demo.captioner().load()) {
      Viewer viewer =
          AiServices.create(Viewer.class, Blip2ChatModel.builder().blip2(blip2).build());
      System.out.println(viewer.ask(question, Demo.content(image)));
    }
  }
}
