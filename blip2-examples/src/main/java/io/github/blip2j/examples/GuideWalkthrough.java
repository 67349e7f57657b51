package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ChatTurn;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.List;

/**
 * The Hugging Face guide "Zero-shot image-to-text generation with BLIP-2" block by block, in its
 * order and with its prompts: <a
 * href="https://huggingface.co/blog/blip-2">huggingface.co/blog/blip-2</a>. With the guide's image
 * and checkpoint in float32 each block prints what the guide's Python prints in float32.
 */
public final class GuideWalkthrough {
  /** The guide's {@code max_new_tokens} of captions. */
  private static final GenerationOptions CAPTION =
      GenerationOptions.defaults().withMaxNewTokens(20);

  /** And of answers. */
  private static final GenerationOptions ANSWER = GenerationOptions.defaults().withMaxNewTokens(10);

  private GuideWalkthrough() {}

  /**
   * Runs every block.
   *
   * @param arguments a checkpoint directory or a downloaded model's name, such as
   *     Salesforce/blip2-opt-2.7b, and an image
   */
  public static void main(String[] arguments) {
    // The processor and the model are one object; the device is chosen by itself.
    try (Blip2 blip2 = Blip2.load(arguments[0])) {
      // The guide encodes the image again for each block; here that is done once.
      EncodedImage image = blip2.encode(ImageSource.of(Path.of(arguments[1])));
      System.out.println(caption(blip2, image));
      System.out.println(promptedCaption(blip2, image, "this is a cartoon of"));
      System.out.println(promptedCaption(blip2, image, "they look like they are"));
      System.out.println(answer(blip2, image, "What is a dinosaur holding?"));
      System.out.println(chat(blip2, image));
    }
  }

  /** Image captioning: no text goes in. */
  static String caption(Blip2 blip2, ImageInput image) {
    return blip2.captioner().withOptions(CAPTION).caption(image).text();
  }

  /** Prompted image captioning: the caption goes on from the prompt. */
  static String promptedCaption(Blip2 blip2, ImageInput image, String prompt) {
    return blip2.promptedCaptioner(prompt).withOptions(CAPTION).caption(image).text();
  }

  /** Visual question answering: the prompt is {@code Question: … Answer:}. */
  static String answer(Blip2 blip2, ImageInput image, String question) {
    return blip2.vqa().withOptions(ANSWER).ask(image, question).text();
  }

  /** Chat-based prompting: earlier questions and answers stand in front of the question. */
  static String chat(Blip2 blip2, ImageInput image) {
    List<ChatTurn> context =
        List.of(
            new ChatTurn("What is a dinosaur holding?", "a torch"),
            new ChatTurn("Where are they?", "In the woods."));
    try (ChatSession chat = blip2.chat(image, ChatOptions.defaults().withGeneration(ANSWER))) {
      chat.history(context); // the guide's own; after ask(…) it is what was said
      return chat.ask("What for?").text();
    }
  }
}
