package io.github.blip2j.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import org.jspecify.annotations.Nullable;

/** LangChain4j's parameters as options of this library. */
final class ChatParameters {
  private ChatParameters() {}

  /**
   * Refuses what would change the answer and cannot be done.
   *
   * @param modelName the only one
   * @throws UnsupportedFeatureException names the parameter
   */
  static void requireSupported(ChatRequestParameters parameters, String modelName) {
    String name = parameters.modelName();
    if (name != null && !name.equals(modelName)) {
      throw new UnsupportedFeatureException(
          "modelName (" + name + ") is not supported: this model is " + modelName);
    }
    refusePenalty("frequencyPenalty", parameters.frequencyPenalty());
    refusePenalty("presencePenalty", parameters.presencePenalty());
    if (parameters.toolChoice() == ToolChoice.REQUIRED) {
      throw new UnsupportedFeatureException("ToolChoice.REQUIRED is not supported: no tools are");
    }
    if (!parameters.toolSpecifications().isEmpty()) {
      throw new UnsupportedFeatureException("tools are not supported: BLIP-2 only writes text");
    }
    if (parameters.responseFormat() != null
        && parameters.responseFormat().type() == ResponseFormatType.JSON) {
      throw new UnsupportedFeatureException(
          "JSON response format is not supported: BLIP-2 only writes text");
    }
  }

  private static void refusePenalty(String name, @Nullable Double penalty) {
    ChatSampling.refusalOfPenalty(name, penalty)
        .ifPresent(
            message -> {
              throw new UnsupportedFeatureException(message);
            });
  }

  /**
   * Options with what the parameters say.
   *
   * @param base where they say nothing
   * @throws IllegalArgumentException if a number is out of range
   */
  static GenerationOptions options(GenerationOptions base, ChatRequestParameters parameters) {
    GenerationOptionsBuilder options = base.toBuilder();
    if (parameters.maxOutputTokens() != null) {
      options.maxNewTokens(parameters.maxOutputTokens());
    }
    if (!parameters.stopSequences().isEmpty()) {
      options.stopStrings(parameters.stopSequences());
    }
    return new ChatSampling(parameters.temperature(), parameters.topP(), parameters.topK())
        .applyTo(options.build());
  }
}
