package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How to generate, as a chat completion says it. Without a temperature the likeliest token is taken
 * each time, as BLIP-2's reference does; a temperature above 0, {@code top_p} below 1 or {@code n}
 * above 1 draws among all tokens ({@link ChatSampling}); 64 tokens are written at most unless the
 * request says more. Unknown fields are ignored, and what would change the answer is refused.
 */
final class CompletionOptions {
  /** Most tokens of a text whose request says nothing of it: captions and answers are shorter. */
  static final int DEFAULT_TOKENS = 64;

  private static final int MOST_STOPS = 4;
  private static final int MOST_ALTERNATIVES = 20;

  private CompletionOptions() {}

  static GenerationOptions read(Fields request, ServerLimits limits, Duration longest) {
    refuseOthers(request);
    GenerationOptionsBuilder options =
        GenerationOptions.builder()
            .maxTime(longest)
            .maxNewTokens(tokens(request, limits.newTokens()));
    request.whole("seed").ifPresent(options::seed);
    stops(request).ifPresent(options::stopStrings);
    request.whole("top_logprobs", 0, MOST_ALTERNATIVES).ifPresent(options::topLogProbabilities);
    int texts = request.whole("n", 1, limits.texts()).orElse(1);
    Double temperature = orNull(request.number("temperature"));
    if (temperature == null && texts > 1) {
      temperature = 1.0; // several texts are drawn, or they would be one
    }
    ChatSampling sampling = new ChatSampling(temperature, orNull(request.number("top_p")), null);
    try {
      GenerationOptions one = sampling.applyTo(options.build());
      if (texts > 1 && !one.doSample()) {
        throw Refusal.field("n", "n (" + texts + ") must be 1 with a temperature of 0");
      }
      return one.toBuilder().numReturnSequences(texts).build();
    } catch (IllegalArgumentException e) {
      throw refusal(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** A message begins with its option, which has the field's name but for the stops. */
  private static Refusal refusal(String message) {
    String option = message.substring(0, Math.max(0, message.indexOf(' ')));
    return Refusal.field(option.equals("stop_strings") ? "stop" : option, message);
  }

  private static int tokens(Fields request, int most) {
    Optional<Integer> modern = request.whole("max_completion_tokens", 1, most);
    return modern
        .or(() -> request.whole("max_tokens", 1, most))
        .orElse(Math.min(DEFAULT_TOKENS, most));
  }

  private static Optional<List<String>> stops(Fields request) {
    JsonNode stop = request.node().path("stop");
    if (stop.isTextual()) {
      return Optional.of(List.of(stop.textValue()));
    }
    return stop.isMissingNode() || stop.isNull() || stop.isArray() && stop.isEmpty()
        ? Optional.empty()
        : Optional.of(request.texts("stop", MOST_STOPS));
  }

  private static void refuseOthers(Fields request) {
    for (String penalty : List.of("presence_penalty", "frequency_penalty")) {
      ChatSampling.refusalOfPenalty(penalty, orNull(request.number(penalty)))
          .ifPresent(
              message -> {
                throw Refusal.unsupported(penalty, message);
              });
    }
    for (String list : List.of("tools", "functions", "logit_bias", "modalities", "audio")) {
      JsonNode value = request.node().path(list);
      boolean text =
          list.equals("modalities") && value.size() == 1 && value.path(0).asText().equals("text");
      if (value.isContainerNode() && !value.isEmpty() && !text) {
        throw Refusal.unsupported(list, list + " is not supported: leave it out");
      }
    }
    Optional<Fields> format = request.object("response_format");
    if (format.isPresent() && !format.get().text("type").orElse("").equals("text")) {
      throw Refusal.unsupported(
          "response_format", "response_format must be of type text, or be left out");
    }
  }
}
