package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.server.http.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both APIs' words for how to generate. */
class CompletionOptionsTest {
  private static final Duration LONGEST = Duration.ofSeconds(9);
  private static final ServerLimits LIMITS = ServerLimits.defaults().withNewTokens(100);

  private static Fields fields(String json) {
    return Fields.of(json.getBytes(StandardCharsets.UTF_8));
  }

  private static GenerationOptions completion(String json) {
    return CompletionOptions.read(fields(json), LIMITS, LONGEST);
  }

  private static GenerationOptions own(String options) {
    return GenerationFields.read(fields("{\"options\": " + options + "}"), LIMITS, LONGEST);
  }

  private static GenerationOptions built(UnaryOperator<GenerationOptionsBuilder> changes) {
    return changes
        .apply(
            GenerationOptions.builder()
                .maxTime(LONGEST)
                .maxNewTokens(CompletionOptions.DEFAULT_TOKENS))
        .build();
  }

  @Test
  void nothingSaidIsGreedy() {
    assertThat(completion("{}")).isEqualTo(built(b -> b));
    assertThat(completion("{\"temperature\": 0, \"top_p\": 0.5}")).isEqualTo(built(b -> b));
    assertThat(completion("{\"top_p\": 1, \"n\": 1, \"stop\": [], \"seed\": 3}"))
        .isEqualTo(built(b -> b.seed(3)));
  }

  @Test
  void aTemperatureDrawsAmongAll() {
    assertThat(completion("{\"temperature\": 0.7}"))
        .isEqualTo(built(b -> b.doSample(true).topK(0).temperature(0.7).topP(1)));
    assertThat(completion("{\"top_p\": 0.9}"))
        .isEqualTo(built(b -> b.doSample(true).topK(0).temperature(1).topP(0.9)));
    assertThat(completion("{\"n\": 3}"))
        .isEqualTo(built(b -> b.doSample(true).topK(0).temperature(1).numReturnSequences(3)));
  }

  @Test
  void lengthsAndStopsAreTakenOver() {
    assertThat(completion("{\"max_tokens\": 7}")).isEqualTo(built(b -> b.maxNewTokens(7)));
    assertThat(completion("{\"max_tokens\": 7, \"max_completion_tokens\": 100}"))
        .isEqualTo(built(b -> b.maxNewTokens(100)));
    assertThat(completion("{\"stop\": \"x\"}")).isEqualTo(built(b -> b.stopStrings(List.of("x"))));
    assertThat(completion("{\"stop\": [\"x\", \"y\"], \"top_logprobs\": 2}"))
        .isEqualTo(built(b -> b.stopStrings(List.of("x", "y")).topLogProbabilities(2)));
  }

  @Test
  void fewTokensAtMostAreFewByDefault() {
    ServerLimits few = ServerLimits.defaults().withNewTokens(5);
    assertThat(CompletionOptions.read(fields("{}"), few, LONGEST).maxNewTokens()).isEqualTo(5);
    assertThat(GenerationFields.read(fields("{}"), few, LONGEST).maxNewTokens()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"tools\": [1]}",
        "{\"functions\": [1]}",
        "{\"logit_bias\": {\"1\": 2}}",
        "{\"modalities\": [\"text\", \"audio\"]}",
        "{\"audio\": {\"voice\": \"x\"}}",
        "{\"response_format\": {\"type\": \"json_schema\"}}",
        "{\"response_format\": {}}",
        "{\"presence_penalty\": 0.1}",
        "{\"frequency_penalty\": -2}"
      })
  void whatWouldChangeTheAnswerIsRefused(String json) {
    assertThatThrownBy(() -> completion(json))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(r.code()).isEqualTo("unsupported_value"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "n           | {\"n\": 2, \"temperature\": 0}",
        "n           | {\"n\": 65}",
        "temperature | {\"temperature\": -0.1}",
        "temperature | {\"temperature\": \"hot\"}",
        "top_p       | {\"top_p\": -1}",
        "top_p       | {\"top_p\": 1.5}",
        "max_tokens  | {\"max_tokens\": 101}",
        "stop        | {\"stop\": [\"1\", \"2\", \"3\", \"4\", \"5\"]}",
        "stop        | {\"stop\": 5}",
        "stop        | {\"stop\": \"\"}",
        "seed        | {\"seed\": 1.5}"
      })
  void valuesOutOfRangeAreRefusedByTheirField(String field, String json) {
    assertThatThrownBy(() -> completion(json))
        .isInstanceOfSatisfying(
            Refusal.class,
            r -> {
              assertThat(r.code()).isEqualTo("invalid_value");
              assertThat(r.param()).isEqualTo(field);
            });
  }

  @Test
  void everyOptionOfOurOwnApiIsTakenOver() {
    GenerationOptions all =
        own(
            """
            {"max_new_tokens": 30, "min_new_tokens": 2, "num_beams": 4, "length_penalty": 0.5,
             "num_return_sequences": 2, "do_sample": true, "temperature": 0.8, "top_k": 9,
             "top_p": 0.7, "min_p": 0.1, "typical_p": 0.6, "seed": 11, "repetition_penalty": 1.2,
             "no_repeat_ngram_size": 3}
            """);
    assertThat(all)
        .isEqualTo(
            GenerationOptions.builder()
                .maxTime(LONGEST)
                .maxNewTokens(30)
                .minNewTokens(2)
                .numBeams(4)
                .lengthPenalty(0.5)
                .numReturnSequences(2)
                .doSample(true)
                .temperature(0.8)
                .topK(9)
                .topP(0.7)
                .minP(0.1)
                .typicalP(0.6)
                .seed(11)
                .repetitionPenalty(1.2)
                .noRepeatNgramSize(3)
                .build());
    assertThat(own("{\"stop_strings\": [\"x\"]}"))
        .isEqualTo(GenerationOptions.builder().maxTime(LONGEST).stopStrings(List.of("x")).build());
    assertThat(own("{}")).isEqualTo(GenerationOptions.builder().maxTime(LONGEST).build());
  }

  @ParameterizedTest
  @CsvSource({
    "num_beams, 33",
    "num_beams, 0",
    "min_new_tokens, 101",
    "min_new_tokens, 50",
    "top_k, -1",
    "num_return_sequences, 65",
    "no_repeat_ngram_size, -1",
    "repetition_penalty, -1",
    "length_penalty, \"long\"",
    "seed, 99999999999999999999"
  })
  void ownOptionsOutOfRangeAreRefused(String name, String value) {
    assertThatThrownBy(() -> own("{\"" + name + "\": " + value + "}"))
        .isInstanceOfSatisfying(
            Refusal.class, r -> assertThat(String.valueOf(r.param())).startsWith("options"))
        .hasMessageContaining("must be");
  }
}
