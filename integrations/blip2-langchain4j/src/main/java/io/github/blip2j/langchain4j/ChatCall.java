package io.github.blip2j.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.Dialogue;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One request, understood; nothing has been computed yet.
 *
 * @param image what it is about
 * @param prompt what the model goes on from, or null for a caption
 * @param options how to generate
 */
record ChatCall(
    ChatSettings settings, ImageInput image, @Nullable String prompt, GenerationOptions options) {
  /**
   * Understands a request.
   *
   * @throws UnsupportedFeatureException if it has what the model has not
   */
  static ChatCall of(ChatRequest request, ChatSettings settings) {
    ChatParameters.requireSupported(request.parameters(), settings.modelName());
    return Failures.mapped(
        () -> {
          GenerationOptions options =
              ChatParameters.options(settings.generation(), request.parameters());
          Dialogue dialogue = new Messages(settings.addresses()).dialogue(request.messages());
          ImageInput image = dialogue.image().orElse(settings.image());
          if (image == null) {
            throw new UnsupportedFeatureException(
                "a conversation without an image is not supported: add an ImageContent to a message"
                    + " of the user, or build the model with one");
          }
          return new ChatCall(
              settings, image, dialogue.prompt(settings.template()).orElse(null), options);
        });
  }

  /** The whole answer. */
  ChatResponse answer() {
    return response(blip2().generate(List.of(request())).get(0).get(0));
  }

  /** Starts the answer; whoever asked for it closes it. */
  Generation open() {
    return blip2().stream(request());
  }

  private Blip2 blip2() {
    return settings.blip2();
  }

  /**
   * With the image as it came. Encoded beforehand it would be for calls that are refused, and have
   * its beginning kept though nobody can ask about it again; the image cache recognises those that
   * come again.
   */
  private GenerationRequest request() {
    return new GenerationRequest(image, prompt, options);
  }

  /** What came of it. */
  ChatResponse response(GeneratedText text) {
    ChatResponseMetadata metadata =
        ChatResponseMetadata.builder()
            .id("blip2-" + UUID.randomUUID())
            .modelName(settings.modelName())
            .tokenUsage(
                new TokenUsage(
                    blip2().tokenizer().inputTokens(image, prompt), text.tokenIds().size()))
            .finishReason(reason(text))
            .build();
    return ChatResponse.builder().aiMessage(AiMessage.from(text.text())).metadata(metadata).build();
  }

  private static FinishReason reason(GeneratedText text) {
    return switch (text.finishReason()) {
      case EOS, STOP -> FinishReason.STOP;
      case LENGTH -> FinishReason.LENGTH;
      case DEADLINE, CANCELLED -> FinishReason.OTHER;
    };
  }
}
