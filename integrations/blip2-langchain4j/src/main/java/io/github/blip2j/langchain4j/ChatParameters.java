package io.github.blip2j.langchain4j;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
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
    if (penalty != null && penalty != 0) {
      throw new UnsupportedFeatureException(
          name
              + " ("
              + penalty
              + ") is not supported: repetitionPenalty of GenerationOptions is what BLIP-2 has");
    }
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
    Double temperature = parameters.temperature();
    Double topP = parameters.topP();
    Integer topK = parameters.topK();
    if (temperature != null && temperature == 0 || topK != null && topK == 1) {
      return options.doSample(false).build();
    }
    if (temperature != null || topP != null && topP < 1 || topK != null) {
      if (!base.doSample()) {
        options.doSample(true).topK(0); // all tokens, as chat interfaces mean it
      }
      options.temperature(temperature == null ? base.temperature() : temperature);
      options.topP(topP == null ? base.topP() : topP);
    }
    if (topK != null) {
      options.topK(topK);
    }
    return options.build();
  }
}
