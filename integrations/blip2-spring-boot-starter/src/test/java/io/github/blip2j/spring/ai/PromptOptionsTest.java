package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.support.ToolCallbacks;
import org.springframework.ai.tool.annotation.Tool;

class PromptOptionsTest {
  private static final GenerationOptions BASE =
      GenerationOptions.builder().repetitionPenalty(1.5f).maxNewTokens(9).build();

  /** One that a model with tools could call. */
  public static final class Clock {
    @Tool(description = "the hour")
    String hour() {
      return "noon";
    }
  }

  private static GenerationOptions options(ChatOptions.Builder<?> said) {
    return PromptOptions.generation(BASE, said.build());
  }

  private static ChatOptions.Builder<?> with() {
    return ChatOptions.builder();
  }

  @Test
  void nothingSaidChangesNothing() {
    assertThat(options(with())).isEqualTo(BASE);
  }

  @Test
  void tokensAndStopsAreTaken() {
    GenerationOptions options = options(with().maxTokens(3).stopSequences(List.of("a")));
    assertThat(options)
        .isEqualTo(BASE.toBuilder().maxNewTokens(3).stopStrings(List.of("a")).build());
  }

  @Test
  void samplingIsWhatChatApisMeanByIt() {
    assertThat(options(with().temperature(0.7).topP(0.9).topK(5)))
        .isEqualTo(new ChatSampling(0.7, 0.9, 5).applyTo(BASE))
        .isNotEqualTo(BASE);
    assertThat(options(with().temperature(0.0).topP(0.9))).isEqualTo(BASE);
  }

  @Test
  void whatTheModelHasNotIsRefusedByName() {
    for (ChatOptions said :
        List.of(
            with().frequencyPenalty(0.1).build(),
            with().presencePenalty(-1.0).build(),
            with().model("other").build(),
            ToolCallingChatOptions.builder()
                .toolCallbacks(ToolCallbacks.from(new Clock()))
                .build())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PromptOptions.requireSupported(said, "blip2"))
          .withMessageContaining("supported");
    }
    PromptOptions.requireSupported(with().model("blip2").frequencyPenalty(0.0).build(), "blip2");
    PromptOptions.requireSupported(ToolCallingChatOptions.builder().build(), "blip2");
  }
}
