package io.github.blip2j.server;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.server.http.Refusal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How to generate, as {@code options} of the JSON API say it, in Transformers' names. */
final class GenerationFields {
  static final Set<String> NAMES =
      Set.of(
          "max_new_tokens",
          "min_new_tokens",
          "num_beams",
          "length_penalty",
          "num_return_sequences",
          "do_sample",
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "seed",
          "repetition_penalty",
          "no_repeat_ngram_size",
          "stop_strings");

  private static final int MOST_BEAMS = 32;
  private static final int MOST_STOPS = 16;

  private GenerationFields() {}

  /** The reference's defaults, and what a request changes of them. */
  static GenerationOptions read(Fields request, ServerLimits limits, Duration longest) {
    GenerationOptionsBuilder options = GenerationOptions.builder().maxTime(longest);
    Optional<Fields> given = request.object("options");
    if (given.isPresent()) {
      set(options, given.get().only(NAMES), limits);
    }
    return built(options, limits);
  }

  private static void set(GenerationOptionsBuilder options, Fields given, ServerLimits limits) {
    int most = limits.newTokens();
    given.whole("max_new_tokens", 1, most).ifPresent(options::maxNewTokens);
    given.whole("min_new_tokens", 0, most).ifPresent(options::minNewTokens);
    given.whole("num_beams", 1, MOST_BEAMS).ifPresent(options::numBeams);
    given.number("length_penalty").ifPresent(options::lengthPenalty);
    given.whole("num_return_sequences", 1, limits.texts()).ifPresent(options::numReturnSequences);
    options.doSample(given.flag("do_sample"));
    given.number("temperature").ifPresent(options::temperature);
    given.whole("top_k", 0, Integer.MAX_VALUE).ifPresent(options::topK);
    given.number("top_p").ifPresent(options::topP);
    given.number("min_p").ifPresent(options::minP);
    given.number("typical_p").ifPresent(options::typicalP);
    given.whole("seed").ifPresent(options::seed);
    given.number("repetition_penalty").ifPresent(options::repetitionPenalty);
    given.whole("no_repeat_ngram_size", 0, most).ifPresent(options::noRepeatNgramSize);
    if (given.has("stop_strings")) {
      options.stopStrings(given.texts("stop_strings", MOST_STOPS));
    }
  }

  /** Checked; the defaults have fewer tokens where the limit does. */
  private static GenerationOptions built(GenerationOptionsBuilder options, ServerLimits limits) {
    try {
      GenerationOptions built = options.build();
      return built.maxNewTokens() > limits.newTokens()
          ? built.withMaxNewTokens(limits.newTokens())
          : built;
    } catch (IllegalArgumentException e) {
      throw Refusal.field("options", "options: " + e.getMessage());
    }
  }
}
