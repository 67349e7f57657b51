package io.github.blip2j.spring.ai;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.Dialogue;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;

/**
 * One prompt, understood; nothing has been computed yet.
 *
 * @param blip2 borrowed
 * @param id of the response
 * @param image what it is about
 * @param text what the model goes on from, or null for a caption
 * @param options how to generate
 */
record PromptCall(
    Blip2 blip2,
    Blip2ChatSettings settings,
    String id,
    ImageInput image,
    @Nullable String text,
    GenerationOptions options) {
  /**
   * Understands a prompt that has options.
   *
   * @throws IllegalArgumentException if it has what the model has not
   */
  static PromptCall of(Prompt prompt, Blip2 blip2, Blip2ChatSettings settings) {
    ChatOptions said = Objects.requireNonNull(prompt.getOptions());
    PromptOptions.requireSupported(said, settings.modelName());
    Dialogue dialogue = new PromptMessages(settings.addresses()).dialogue(prompt.getInstructions());
    ImageInput image =
        dialogue
            .image()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "expected an image among the messages, found none: add one to a"
                            + " UserMessage's media"));
    return new PromptCall(
        blip2,
        settings,
        "blip2-" + UUID.randomUUID(),
        image,
        dialogue.prompt(settings.template()).orElse(null),
        PromptOptions.generation(settings.generation(), said));
  }

  /** The whole answer. */
  ChatResponse answer() {
    GeneratedText whole = blip2.generate(List.of(request())).get(0).get(0);
    return response(whole, whole.text());
  }

  /** Starts the text; whoever asked for it closes it. */
  Generation open() {
    return blip2.stream(request());
  }

  /**
   * With the image as it came. Encoded beforehand it would be for calls that are refused, and have
   * its beginning kept though nobody can ask about it again; the image cache recognises those that
   * come again.
   */
  private GenerationRequest request() {
    return new GenerationRequest(image, text, options);
  }

  /** A part of the answer. */
  ChatResponse piece(String delta) {
    return new ChatResponse(
        List.of(generation(delta, ChatGenerationMetadata.NULL)), metadata().build());
  }

  /**
   * The answer's end, or all of it.
   *
   * @param delta what has not been handed out yet
   */
  ChatResponse response(GeneratedText whole, String delta) {
    ChatGenerationMetadata ended =
        ChatGenerationMetadata.builder().finishReason(reason(whole)).build();
    int input = blip2.tokenizer().inputTokens(image, text);
    return new ChatResponse(
        List.of(generation(delta, ended)),
        metadata().usage(new DefaultUsage(input, whole.tokenIds().size())).build());
  }

  private static org.springframework.ai.chat.model.Generation generation(
      String text, ChatGenerationMetadata metadata) {
    return new org.springframework.ai.chat.model.Generation(new AssistantMessage(text), metadata);
  }

  private ChatResponseMetadata.Builder metadata() {
    return ChatResponseMetadata.builder().id(id).model(settings.modelName());
  }

  private static String reason(GeneratedText text) {
    return switch (text.finishReason()) {
      case EOS, STOP -> "STOP";
      case LENGTH -> "LENGTH";
      case DEADLINE -> "DEADLINE";
      case CANCELLED -> "CANCELLED";
    };
  }
}
