package io.github.blip2j.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
  void whatIsSaidIsTaken() {
    GenerationOptions options =
        options(with().maxTokens(3).stopSequences(List.of("a")).temperature(0.7).topP(0.9));
    assertThat(options.maxNewTokens()).isEqualTo(3);
    assertThat(options.stopStrings()).containsExactly("a");
    assertThat(options.doSample()).isTrue();
    assertThat(options.temperature()).isEqualTo(0.7);
    assertThat(options.topP()).isEqualTo(0.9);
    assertThat(options.topK()).isZero();
    assertThat(options.repetitionPenalty()).isEqualTo(BASE.repetitionPenalty());
    assertThat(options(with().topK(5)).topK()).isEqualTo(5);
  }

  @Test
  void whatMeansTheLikeliestTokenIsNotDrawn() {
    assertThat(options(with().temperature(0.0)).doSample()).isFalse();
    assertThat(options(with().topK(1).temperature(1.0)).doSample()).isFalse();
    assertThat(options(with().topP(1.0)).doSample()).isFalse();
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
