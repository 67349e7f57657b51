package io.github.blip2j.spring.ai;

import io.github.blip2j.chat.Dialogue;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.content.Media;

/** Reads Spring AI's messages and media. */
record PromptMessages(ImageAddresses addresses) {
  /**
   * The conversation that messages tell.
   *
   * @throws IllegalArgumentException if they hold what BLIP-2 cannot be given
   */
  Dialogue dialogue(List<Message> messages) {
    Dialogue dialogue = new Dialogue();
    for (Message message : messages) {
      String text = Objects.requireNonNullElse(message.getText(), "");
      if (message instanceof SystemMessage) {
        dialogue.system(text);
      } else if (message instanceof UserMessage user) {
        user.getMedia().forEach(media -> dialogue.image(image(media)));
        dialogue.user(text);
      } else if (message instanceof AssistantMessage answer && !answer.hasToolCalls()) {
        dialogue.assistant(text);
      } else {
        throw new IllegalArgumentException(
            "messages of type " + message.getMessageType() + " are not supported: no tools are");
      }
    }
    return dialogue;
  }

  /**
   * An image, which is read when it is used.
   *
   * @throws IllegalArgumentException if it is something else, or an address that is not followed
   */
  ImageInput image(Media media) {
    String type = media.getMimeType().getType();
    if (!type.equals("image") && !type.equals("application")) { // octet-stream is anything
      throw new IllegalArgumentException(
          "media of type " + media.getMimeType() + " is not supported: expected an image");
    }
    Object data = media.getData();
    if (data instanceof byte[] bytes) {
      return ImageSource.of(bytes);
    }
    try {
      return addresses.image(new URI(data.toString()));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "media: expected the bytes or the address of an image, found a text that is neither", e);
    }
  }
}
