package io.github.blip2j.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the numbers of chat APIs mean in this library's options. */
class ChatSamplingTest {
  private static final GenerationOptions GREEDY =
      GenerationOptions.builder().repetitionPenalty(1.5).maxNewTokens(9).seed(4).build();
  private static final GenerationOptions DRAWING =
      GREEDY.toBuilder().doSample(true).topK(7).topP(0.8).temperature(0.5).build();

  private static GenerationOptions said(
      GenerationOptions base,
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Integer topK) {
    return new ChatSampling(temperature, topP, topK).applyTo(base);
  }

  private static GenerationOptions with(
      GenerationOptions base, UnaryOperator<GenerationOptionsBuilder> changes) {
    return changes.apply(base.toBuilder()).build();
  }

  @Test
  void nothingSaidChangesNothing() {
    for (GenerationOptions base : new GenerationOptions[] {GREEDY, DRAWING}) {
      assertThat(said(base, null, null, null)).isEqualTo(base);
      assertThat(said(base, null, 1.0, null)).isEqualTo(base);
    }
  }

  @Test
  void aTemperatureDrawsAmongAllTokens() {
    assertThat(said(GREEDY, 0.7, null, null))
        .isEqualTo(with(GREEDY, b -> b.doSample(true).topK(0).temperature(0.7)));
    assertThat(said(GREEDY, 0.7, 0.9, null))
        .isEqualTo(with(GREEDY, b -> b.doSample(true).topK(0).temperature(0.7).topP(0.9)));
    assertThat(said(GREEDY, 1.0, 1.0, null))
        .isEqualTo(with(GREEDY, b -> b.doSample(true).topK(0).temperature(1)));
  }

  @Test
  void aNucleusOrANumberOfTokensDrawsToo() {
    assertThat(said(GREEDY, null, 0.5, null))
        .isEqualTo(with(GREEDY, b -> b.doSample(true).topK(0).topP(0.5)));
    assertThat(said(GREEDY, null, null, 5)).isEqualTo(with(GREEDY, b -> b.doSample(true).topK(5)));
    assertThat(said(GREEDY, null, null, 0)).isEqualTo(with(GREEDY, b -> b.doSample(true).topK(0)));
  }

  @Test
  void whatMeansTheLikeliestTokenIsNotDrawn() {
    GenerationOptions still = with(DRAWING, b -> b.doSample(false));
    assertThat(said(DRAWING, 0.0, null, null)).isEqualTo(still);
    assertThat(said(DRAWING, -0.0, 0.3, 9)).isEqualTo(still);
    assertThat(said(DRAWING, 1.0, null, 1)).isEqualTo(still);
    assertThat(said(GREEDY, 0.0, 7.0, -3)).as("void numbers are not looked at").isEqualTo(GREEDY);
  }

  @Test
  void optionsThatDrawKeepTheirOwnLimits() {
    assertThat(said(DRAWING, 0.9, null, null)).isEqualTo(with(DRAWING, b -> b.temperature(0.9)));
    assertThat(said(DRAWING, null, 0.3, null)).isEqualTo(with(DRAWING, b -> b.topP(0.3)));
    assertThat(said(DRAWING, null, null, 3)).isEqualTo(with(DRAWING, b -> b.topK(3)));
    assertThat(said(DRAWING, 0.9, 1.0, 0))
        .isEqualTo(with(DRAWING, b -> b.temperature(0.9).topP(1).topK(0)));
  }

  @ParameterizedTest
  @CsvSource({
    "-1, , , temperature",
    "NaN, , , temperature",
    "Infinity, , , temperature",
    ", -0.1, , top_p",
    ", 1.5, , top_p",
    ", NaN, , top_p",
    "0.5, 2, , top_p",
    ", , -1, top_k"
  })
  void numbersOutOfRangeAreRefusedByName(
      @Nullable Double temperature, @Nullable Double topP, @Nullable Integer topK, String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> said(GREEDY, temperature, topP, topK))
        .withMessageStartingWith(name + " (")
        .withMessageContaining("must be");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, -1, 2, Double.NaN})
  void aPenaltyIsRefusedByTheNameThatTheApiHas(double value) {
    assertThat(ChatSampling.refusalOfPenalty("presence_penalty", value))
        .hasValueSatisfying(
            message ->
                assertThat(message)
                    .startsWith("presence_penalty (" + value + ") is not supported")
                    .contains("repetition penalty"));
  }

  @Test
  void noPenaltyIsNothingToRefuse() {
    assertThat(ChatSampling.refusalOfPenalty("frequencyPenalty", null)).isEmpty();
    assertThat(ChatSampling.refusalOfPenalty("frequencyPenalty", 0.0)).isEmpty();
    assertThat(ChatSampling.refusalOfPenalty("frequencyPenalty", -0.0)).isEmpty();
  }
}
