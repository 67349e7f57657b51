package io.github.blip2j.spring.ai;

import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;

/** Spring AI's options, of whatever class, as options of this library. */
final class PromptOptions {
  private PromptOptions() {}

  /** What a prompt without options means. */
  static ChatOptions defaults(Blip2ChatSettings settings) {
    return ChatOptions.builder()
        .model(settings.modelName())
        .maxTokens(settings.generation().maxNewTokens())
        .build();
  }

  /**
   * Refuses what would change the answer and cannot be done.
   *
   * @throws IllegalArgumentException names the option
   */
  static void requireSupported(ChatOptions options, String modelName) {
    String name = options.getModel();
    if (name != null && !name.equals(modelName)) {
      throw new IllegalArgumentException(
          "model (" + name + ") is not supported: this model is " + modelName);
    }
    refusePenalty("frequencyPenalty", options.getFrequencyPenalty());
    refusePenalty("presencePenalty", options.getPresencePenalty());
    if (options instanceof ToolCallingChatOptions tools
        && tools.getToolCallbacks() != null
        && !tools.getToolCallbacks().isEmpty()) {
      throw new IllegalArgumentException("tools are not supported: BLIP-2 only writes text");
    }
  }

  private static void refusePenalty(String name, @Nullable Double penalty) {
    ChatSampling.refusalOfPenalty(name, penalty)
        .ifPresent(
            message -> {
              throw new IllegalArgumentException(message);
            });
  }

  /**
   * Options with what a prompt says.
   *
   * @param base where it says nothing
   * @throws IllegalArgumentException if a number is out of range
   */
  static GenerationOptions generation(GenerationOptions base, ChatOptions said) {
    GenerationOptionsBuilder options = base.toBuilder();
    Integer tokens = said.getMaxTokens();
    if (tokens != null) {
      options.maxNewTokens(tokens);
    }
    List<String> stops = said.getStopSequences();
    if (stops != null && !stops.isEmpty()) {
      options.stopStrings(stops);
    }
    return new ChatSampling(said.getTemperature(), said.getTopP(), said.getTopK())
        .applyTo(options.build());
  }
}
