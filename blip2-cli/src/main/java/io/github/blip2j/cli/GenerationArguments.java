package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationPreset;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to generate, under the reference's names; what is not given is the preset's. */
final class GenerationArguments {
  @Option(names = "--preset", description = "A named setting (default: ${DEFAULT-VALUE}).")
  String preset = GenerationPreset.REFERENCE.label();

  @Option(names = "--max-new-tokens", paramLabel = "N", description = "Default: 20.")
  @Nullable Integer maxNewTokens;

  @Option(names = "--min-new-tokens", paramLabel = "N", description = "Default: 0.")
  @Nullable Integer minNewTokens;

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description = "Image, prompt and new tokens; with T5 the new ones and one.")
  @Nullable Integer maxLength;

  @Option(names = "--min-length", paramLabel = "N", description = "Counted as --max-length.")
  @Nullable Integer minLength;

  @Option(names = "--num-beams", paramLabel = "N", description = "Default: 1, no beam search.")
  @Nullable Integer numBeams;

  @Option(names = "--length-penalty", paramLabel = "X", description = "Of beams; default: 1.")
  @Nullable Double lengthPenalty;

  @Option(names = "--early-stopping", paramLabel = "true|false|never", description = "Of beams.")
  @Nullable String earlyStopping;

  @Option(names = "--num-return-sequences", paramLabel = "N", description = "Texts an image.")
  @Nullable Integer numReturnSequences;

  @Option(names = "--do-sample", description = "Draw tokens at random.")
  boolean doSample;

  @Option(names = "--temperature", paramLabel = "X", description = "Of sampling; default: 1.")
  @Nullable Double temperature;

  @Option(names = "--top-k", paramLabel = "N", description = "Of sampling; default: 50.")
  @Nullable Integer topK;

  @Option(names = "--top-p", paramLabel = "X", description = "Of sampling; default: 1.")
  @Nullable Double topP;

  @Option(names = "--min-p", paramLabel = "X", description = "Of sampling; default: 0.")
  @Nullable Double minP;

  @Option(names = "--typical-p", paramLabel = "X", description = "Of sampling; default: 1.")
  @Nullable Double typicalP;

  @Option(names = "--seed", paramLabel = "N", description = "Makes sampling repeatable.")
  @Nullable Long seed;

  @Option(names = "--repetition-penalty", paramLabel = "X", description = "Default: 1, none.")
  @Nullable Double repetitionPenalty;

  @Option(names = "--no-repeat-ngram-size", paramLabel = "N", description = "Default: 0, none.")
  @Nullable Integer noRepeatNgramSize;

  @Option(
      names = {"--stop-strings", "--stop"},
      paramLabel = "TEXT",
      description = "Stop at a text; may be repeated.")
  @Nullable List<String> stopStrings;

  @Option(names = "--max-time", paramLabel = "SECONDS", description = "Stop after so long.")
  @Nullable Double maxTime;

  GenerationPreset preset() {
    return GenerationPreset.parse(preset);
  }

  /**
   * The options, if they make one text token by token.
   *
   * @param what needs that, for the error
   * @throws IllegalArgumentException if they ask for beams or several texts
   */
  GenerationOptions oneText(String what) {
    GenerationOptions options = options();
    if (options.numBeams() > 1 || options.numReturnSequences() > 1) {
      throw new IllegalArgumentException(
          "num_beams ("
              + options.numBeams()
              + ") and num_return_sequences ("
              + options.numReturnSequences()
              + ") must be 1 for "
              + what);
    }
    return options;
  }

  /** The preset's prompt, unless it is a template for questions. */
  @Nullable String captionPrompt() {
    return preset().prompt().filter(p -> !p.contains("{}")).orElse(null);
  }

  /** The preset's template for questions, or null for that of the model. */
  @Nullable String presetTemplate() {
    return preset().prompt().filter(p -> p.contains("{}")).orElse(null);
  }

  /** The options as they are meant for a model and a prompt, which a preset may depend on. */
  GenerationOptions options(Blip2 blip2, @Nullable String prompt) {
    int least = blip2.options(preset(), prompt).minNewTokens();
    return minNewTokens == null ? options().withMinNewTokens(least) : options();
  }

  GenerationOptions options() {
    GenerationOptionsBuilder options = preset().options().toBuilder();
    set(maxLength, options::maxLength); // new tokens take precedence, as in the reference
    set(minLength, options::minLength);
    set(maxNewTokens, options::maxNewTokens);
    set(minNewTokens, options::minNewTokens);
    set(numBeams, options::numBeams);
    set(lengthPenalty, options::lengthPenalty);
    set(earlyStopping, v -> options.earlyStopping(EarlyStopping.parse(v)));
    set(numReturnSequences, options::numReturnSequences);
    if (doSample) {
      options.doSample(true);
    }
    set(temperature, options::temperature);
    set(topK, options::topK);
    set(topP, options::topP);
    set(minP, options::minP);
    set(typicalP, options::typicalP);
    set(seed, options::seed);
    set(repetitionPenalty, options::repetitionPenalty);
    set(noRepeatNgramSize, options::noRepeatNgramSize);
    set(stopStrings, options::stopStrings);
    set(maxTime, v -> options.maxTime(seconds(v)));
    return options.build();
  }

  static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static <V> void set(@Nullable V value, java.util.function.Consumer<V> setter) {
    if (value != null) {
      setter.accept(value);
    }
  }
}
