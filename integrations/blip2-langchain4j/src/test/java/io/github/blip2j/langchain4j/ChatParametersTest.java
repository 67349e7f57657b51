package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.generation.GenerationOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChatParametersTest {
  private static final GenerationOptions BASE =
      GenerationOptions.builder().numBeams(1).repetitionPenalty(1.5f).maxNewTokens(9).build();

  private static DefaultChatRequestParameters.Builder<?> with() {
    return ChatRequestParameters.builder();
  }

  private static GenerationOptions options(DefaultChatRequestParameters.Builder<?> parameters) {
    return ChatParameters.options(BASE, parameters.build());
  }

  @Test
  void nothingSaidChangesNothing() {
    assertThat(options(with())).isEqualTo(BASE);
  }

  @Test
  void tokensAndStopsAreTaken() {
    GenerationOptions options = options(with().maxOutputTokens(3).stopSequences("a", "b"));
    assertThat(options.maxNewTokens()).isEqualTo(3);
    assertThat(options.stopStrings()).isEqualTo(List.of("a", "b"));
    assertThat(options.repetitionPenalty()).isEqualTo(BASE.repetitionPenalty());
    assertThat(options.doSample()).isFalse();
  }

  @Test
  void samplingIsWhatChatApisMeanByIt() {
    assertThat(options(with().temperature(0.7).topP(0.9).topK(5)))
        .isEqualTo(new ChatSampling(0.7, 0.9, 5).applyTo(BASE))
        .isNotEqualTo(BASE);
    assertThat(options(with().temperature(0.0).topP(0.9))).isEqualTo(BASE);
  }

  @Test
  void numbersOutOfRangeAreTheLibrarysToRefuse() {
    assertThatIllegalArgumentException().isThrownBy(() -> options(with().temperature(-1.0)));
    assertThatIllegalArgumentException().isThrownBy(() -> options(with().maxOutputTokens(0)));
  }

  @Test
  void penaltiesAndOtherModelsAreRefused() {
    for (var parameters :
        List.of(
            with().frequencyPenalty(0.1), with().presencePenalty(-1.0), with().modelName("x"))) {
      assertThatThrownBy(() -> ChatParameters.requireSupported(parameters.build(), "blip2"))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageMatching("(frequencyPenalty|presencePenalty|modelName).*not supported.*");
    }
    ChatParameters.requireSupported(
        with().frequencyPenalty(0.0).presencePenalty(0.0).modelName("blip2").build(), "blip2");
  }
}
