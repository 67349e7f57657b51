package io.github.blip2j.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How to generate, as a chat completion says it. Without a temperature the likeliest token is taken
 * each time, as BLIP-2's reference does; a temperature above 0, or {@code top_p} below 1, draws
 * among all tokens; 64 tokens are written at most unless the request says more. Unknown fields are
 * ignored, and what would change the answer is refused.
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
    int texts = request.whole("n", 1, limits.texts()).orElse(1);
    OptionalDouble temperature = request.number("temperature");
    OptionalDouble topP = request.number("top_p");
    boolean cold = temperature.isPresent() && temperature.getAsDouble() == 0;
    boolean drawn = temperature.isPresent() || topP.orElse(1) < 1 || texts > 1;
    if (drawn && !cold) {
      options.doSample(true).topK(0).temperature(temperature.orElse(1)).topP(topP.orElse(1));
    } else if (texts > 1) {
      throw Refusal.field("n", "n (" + texts + ") must be 1 with a temperature of 0");
    }
    options.numReturnSequences(texts);
    request.whole("seed").ifPresent(options::seed);
    stops(request).ifPresent(options::stopStrings);
    request.whole("top_logprobs", 0, MOST_ALTERNATIVES).ifPresent(options::topLogProbabilities);
    try {
      return options.build();
    } catch (IllegalArgumentException e) {
      throw Refusal.field("temperature", String.valueOf(e.getMessage()));
    }
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
      if (request.number(penalty).orElse(0) != 0) {
        throw Refusal.unsupported(penalty, penalty + " is not supported: leave it out");
      }
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
