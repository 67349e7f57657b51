package io.github.blip2j.generation;

import io.github.blip2j.internal.values.OptionText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a text is generated. Names, meanings and defaults are those of Transformers' {@code
 * generate}; as there, an option that another one switches off ({@code temperature} without {@code
 * do_sample}) is not looked at. Immutable.
 */
public final class GenerationOptions {
  private static final GenerationOptions DEFAULTS = builder().build();

  private final GenerationOptionsBuilder values;

  GenerationOptions(GenerationOptionsBuilder values) {
    this.values = values;
  }

  /**
   * The reference's defaults.
   *
   * @return greedy decoding of at most 20 tokens
   */
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Starts from the defaults.
   *
   * @return a builder
   */
  public static GenerationOptionsBuilder builder() {
    return new GenerationOptionsBuilder();
  }

  /**
   * Starts from these options.
   *
   * @return a builder with their values
   */
  public GenerationOptionsBuilder toBuilder() {
    return values.copy();
  }

  /**
   * The same with another limit.
   *
   * @param tokens most new tokens, at least 1
   * @return changed options
   */
  public GenerationOptions withMaxNewTokens(int tokens) {
    return toBuilder().maxNewTokens(tokens).build();
  }

  /**
   * The same with another minimum.
   *
   * @param tokens least new tokens, 0 to {@link #maxNewTokens()}
   * @return changed options
   */
  public GenerationOptions withMinNewTokens(int tokens) {
    return toBuilder().minNewTokens(tokens).build();
  }

  /**
   * Most tokens to write, the end token included.
   *
   * @return at least 1
   */
  public int maxNewTokens() {
    return values.maxNewTokens;
  }

  /**
   * Tokens before which no end token may come.
   *
   * @return 0 to {@link #maxNewTokens()}
   */
  public int minNewTokens() {
    return values.minNewTokens;
  }

  /**
   * Most tokens in all, in place of {@link #maxNewTokens}.
   *
   * @return the limit as {@link GenerationOptionsBuilder#maxLength} counts, or nothing
   */
  public OptionalInt maxLength() {
    return values.maxLength == 0 ? OptionalInt.empty() : OptionalInt.of(values.maxLength);
  }

  /**
   * Least tokens in all, in place of {@link #minNewTokens}.
   *
   * @return the minimum as {@link GenerationOptionsBuilder#maxLength} counts, or nothing
   */
  public OptionalInt minLength() {
    return values.minLength == 0 ? OptionalInt.empty() : OptionalInt.of(values.minLength);
  }

  /**
   * Beams of the beam search.
   *
   * @return at least 1; 1 is no beam search
   */
  public int numBeams() {
    return values.numBeams;
  }

  /**
   * Exponent of the length by which a beam's score is divided.
   *
   * @return any finite number; above 0 it favours long texts
   */
  public double lengthPenalty() {
    return values.lengthPenalty;
  }

  /**
   * When a beam search stops.
   *
   * @return the rule
   */
  public EarlyStopping earlyStopping() {
    return values.earlyStopping;
  }

  /**
   * Texts for each image.
   *
   * @return at least 1; at most {@link #numBeams()} without sampling
   */
  public int numReturnSequences() {
    return values.numReturnSequences;
  }

  /**
   * Whether tokens are drawn at random.
   *
   * @return false for the most likely
   */
  public boolean doSample() {
    return values.doSample;
  }

  /**
   * What scores are divided by before sampling.
   *
   * @return 1e-30 to 1e30
   */
  public double temperature() {
    return values.temperature;
  }

  /**
   * Sampling is among so many most likely tokens.
   *
   * @return 0 for all; 50 by default, as in the reference
   */
  public int topK() {
    return values.topK;
  }

  /**
   * Sampling is among the most likely tokens that together have this probability.
   *
   * @return 0 to 1; 0 is the likeliest alone, 1 is all
   */
  public double topP() {
    return values.topP;
  }

  /**
   * Sampling is among tokens at least so likely, relative to the most likely one.
   *
   * @return 0 to 1; 0 is all
   */
  public double minP() {
    return values.minP;
  }

  /**
   * Sampling is among the tokens of most typical surprise that together have this probability
   * (Meister et al. 2022).
   *
   * @return above 0, at most 1; 1 is all
   */
  public double typicalP() {
    return values.typicalP;
  }

  /**
   * Seed of the random numbers: the same seed gives the same text on both backends.
   *
   * @return the seed, or nothing for one that differs each time
   */
  public OptionalLong seed() {
    return values.seed;
  }

  /**
   * What the scores of tokens that are there already are divided by, or multiplied if negative
   * (Keskar et al. 2019). The prompt and the image placeholder count, as in the reference.
   *
   * @return 1e-30 to 1e30; 1 is none
   */
  public double repetitionPenalty() {
    return values.repetitionPenalty;
  }

  /**
   * No sequence of so many tokens comes twice, the prompt included.
   *
   * @return 0 for no such rule
   */
  public int noRepeatNgramSize() {
    return values.noRepeatNgramSize;
  }

  /**
   * Token sequences that must not be written.
   *
   * @return unmodifiable, none of them empty
   */
  public List<List<Integer>> badWordsIds() {
    return values.badWordsIds;
  }

  /**
   * The only token sequences that may be written, each followed by an end token.
   *
   * @return unmodifiable; empty for no such rule
   */
  public List<List<Integer>> choices() {
    return values.choices;
  }

  /**
   * Texts at which generation stops; the result is cut before them.
   *
   * @return unmodifiable, none of them empty
   */
  public List<String> stopStrings() {
    return values.stopStrings;
  }

  /**
   * How long a text may take from the start of its first token. Looked at after every token. Where
   * calls share the model's passes ({@code Blip2Builder.concurrency}), what a text waits for others
   * counts too, also before its first token.
   *
   * @return the limit, or nothing for none
   */
  public Optional<Duration> maxTime() {
    return Optional.ofNullable(values.maxTime);
  }

  /**
   * Most likely alternatives that a result has for each token.
   *
   * @return 0 for none
   */
  public int topLogProbabilities() {
    return values.topLogProbabilities;
  }

  /**
   * The user's own processors, in order.
   *
   * @return unmodifiable
   */
  public List<ScoreProcessor> scoreProcessors() {
    return values.scoreProcessors;
  }

  /**
   * Whether all values are equal; score processors are compared by their own {@code equals}.
   *
   * @param other anything
   * @return whether it is the same way to generate
   */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GenerationOptions options
        && values.named().equals(options.values.named());
  }

  @Override
  public int hashCode() {
    return values.named().hashCode();
  }

  /**
   * What differs from the defaults.
   *
   * @return such as {@code GenerationOptions[maxNewTokens=40, numBeams=5]}
   */
  @Override
  public String toString() {
    return OptionText.of("GenerationOptions", values.named(), DEFAULTS.values.named());
  }
}
