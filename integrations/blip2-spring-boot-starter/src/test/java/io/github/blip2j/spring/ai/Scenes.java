package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import io.github.blip2j.spring.Demo;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.core.io.FileSystemResource;
import org.springframework.util.MimeTypeUtils;

/** Prompts about sample scenes, for models that nobody observes. */
final class Scenes {
  private Scenes() {}

  /** A model as usual. */
  static Blip2ChatModel model(Blip2 blip2) {
    return model(blip2, Blip2ChatSettings.defaults());
  }

  static Blip2ChatModel model(Blip2 blip2, Blip2ChatSettings settings) {
    return new Blip2ChatModel(() -> blip2, settings, ObservationRegistry.NOOP);
  }

  /** A scene alone. */
  static Prompt about(int scene) {
    return about(Demo.file(scene), "");
  }

  static Prompt about(Path image, String question) {
    Media media = new Media(MimeTypeUtils.IMAGE_PNG, new FileSystemResource(image));
    return new Prompt(UserMessage.builder().text(question).media(media).build());
  }

  static String text(ChatResponse response) {
    return Objects.requireNonNull(
        Objects.requireNonNull(response.getResult()).getOutput().getText());
  }

  /** What the parts of a stream come to. */
  static String text(List<ChatResponse> parts) {
    StringBuilder whole = new StringBuilder();
    parts.forEach(part -> whole.append(text(part)));
    return whole.toString();
  }
}
