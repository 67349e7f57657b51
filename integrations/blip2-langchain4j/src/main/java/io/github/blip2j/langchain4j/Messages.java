package io.github.blip2j.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import io.github.blip2j.chat.Dialogue;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Reads LangChain4j's messages and contents. */
record Messages(ImageAddresses addresses) {
  /**
   * The conversation that messages tell.
   *
   * @throws UnsupportedFeatureException if they hold what BLIP-2 cannot be given; names it
   * @throws IllegalArgumentException if their order makes no sense, or an image is not base64
   */
  Dialogue dialogue(List<ChatMessage> messages) {
    Dialogue dialogue = new Dialogue();
    for (ChatMessage message : messages) {
      if (message instanceof SystemMessage system) {
        dialogue.system(system.text());
      } else if (message instanceof UserMessage user) {
        user.contents().forEach(content -> read(content, dialogue));
      } else if (message instanceof AiMessage answer && !answer.hasToolExecutionRequests()) {
        dialogue.assistant(Objects.requireNonNullElse(answer.text(), ""));
      } else {
        throw new UnsupportedFeatureException(
            "messages of type " + message.type() + " are not supported: no tools are");
      }
    }
    return dialogue;
  }

  private void read(Content content, Dialogue dialogue) {
    if (content instanceof TextContent text) {
      dialogue.user(text.text());
    } else if (content instanceof ImageContent image) {
      ImageInput input = image(image.image());
      try {
        dialogue.image(input);
      } catch (IllegalArgumentException e) { // another image than before
        throw new UnsupportedFeatureException(String.valueOf(e.getMessage()));
      }
    } else {
      throw unsupported(content);
    }
  }

  /** What to throw for a content that is neither text nor image. */
  static UnsupportedFeatureException unsupported(Content content) {
    String type = content.type().toString().toLowerCase(Locale.ROOT);
    return new UnsupportedFeatureException(
        "content of type " + type + " is not supported: expected text or an image");
  }

  /**
   * An image, which is read when it is used.
   *
   * @throws UnsupportedFeatureException if it is an address that is not followed
   */
  ImageInput image(Image image) {
    String data = image.base64Data();
    if (data != null) {
      return ImageSource.of(decoded(data));
    }
    try {
      return addresses.image(Objects.requireNonNull(image.url(), "an image's url or base64Data"));
    } catch (IllegalArgumentException e) {
      throw new UnsupportedFeatureException(String.valueOf(e.getMessage()));
    }
  }

  private static byte[] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("image: expected base64: " + e.getMessage(), e);
    }
  }
}
