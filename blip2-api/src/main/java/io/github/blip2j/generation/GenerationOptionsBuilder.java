package io.github.blip2j.generation;

import io.github.blip2j.internal.values.OptionText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects options and checks them together at {@link #build}. For one thread. */
public final class GenerationOptionsBuilder {
  int maxNewTokens = 20;
  int minNewTokens = 0;
  int maxLength = 0; // 0: none, new tokens are counted
  int minLength = 0;
  int numBeams = 1;
  double lengthPenalty = 1;
  EarlyStopping earlyStopping = EarlyStopping.FALSE;
  int numReturnSequences = 1;
  boolean doSample = false;
  double temperature = 1;
  int topK = 50;
  double topP = 1;
  double minP = 0;
  double typicalP = 1;
  OptionalLong seed = OptionalLong.empty();
  double repetitionPenalty = 1;
  int noRepeatNgramSize = 0;
  List<List<Integer>> badWordsIds = List.of();
  List<List<Integer>> choices = List.of();
  List<String> stopStrings = List.of();
  @Nullable Duration maxTime;
  int topLogProbabilities = 0;
  List<ScoreProcessor> scoreProcessors = List.of();

  GenerationOptionsBuilder() {}

  /**
   * Sets the limit.
   *
   * @param value most new tokens, at least 1; takes the place of a {@link #maxLength} set before
   * @return this
   */
  public GenerationOptionsBuilder maxNewTokens(int value) {
    maxLength = 0;
    return set(b -> b.maxNewTokens = value);
  }

  /**
   * Sets the limit as Transformers' {@code max_length} does: what is there already counts too. Of a
   * decoder alone (OPT) that is the vectors of the image and the prompt, of an encoder and decoder
   * (T5) the one token that the decoder starts from.
   *
   * @param value most tokens in all, at least 1; takes the place of {@link #maxNewTokens}. A text
   *     that has no room for one token is refused when it is asked for
   * @return this
   */
  public GenerationOptionsBuilder maxLength(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("max_length (" + value + ") must be at least 1");
    }
    return set(b -> b.maxLength = value);
  }

  /**
   * Sets the minimum.
   *
   * @param value least new tokens, 0 to the limit; takes the place of a {@link #minLength} set
   *     before
   * @return this
   */
  public GenerationOptionsBuilder minNewTokens(int value) {
    minLength = 0;
    return set(b -> b.minNewTokens = value);
  }

  /**
   * Sets the minimum as Transformers' {@code min_length} does, counted as {@link #maxLength} is.
   *
   * @param value least tokens in all, at least 0; takes the place of {@link #minNewTokens}. What is
   *     beyond the limit is not looked at
   * @return this
   */
  public GenerationOptionsBuilder minLength(int value) {
    if (value < 0) {
      throw new IllegalArgumentException("min_length (" + value + ") must be at least 0");
    }
    minNewTokens = 0;
    return set(b -> b.minLength = value);
  }

  /**
   * Switches beam search on.
   *
   * @param value at least 1
   * @return this
   */
  public GenerationOptionsBuilder numBeams(int value) {
    return set(b -> b.numBeams = value);
  }

  /**
   * Sets the exponent of the length in a beam's score.
   *
   * @param value any finite number; not looked at without beams
   * @return this
   */
  public GenerationOptionsBuilder lengthPenalty(double value) {
    return set(b -> b.lengthPenalty = value);
  }

  /**
   * Sets when a beam search stops.
   *
   * @param value the rule
   * @return this
   */
  public GenerationOptionsBuilder earlyStopping(EarlyStopping value) {
    return set(b -> b.earlyStopping = value);
  }

  /**
   * Sets how many texts each image gets.
   *
   * @param value at least 1; at most the beams without sampling
   * @return this
   */
  public GenerationOptionsBuilder numReturnSequences(int value) {
    return set(b -> b.numReturnSequences = value);
  }

  /**
   * Switches sampling on.
   *
   * @param value whether to draw tokens at random
   * @return this
   */
  public GenerationOptionsBuilder doSample(boolean value) {
    return set(b -> b.doSample = value);
  }

  /**
   * Sets the temperature of sampling.
   *
   * @param value 1e-30 to 1e30; without sampling it is not looked at, nor are the other limits of
   *     sampling
   * @return this
   */
  public GenerationOptionsBuilder temperature(double value) {
    return set(b -> b.temperature = value);
  }

  /**
   * Limits sampling to the most likely tokens.
   *
   * @param value how many; 0 for all
   * @return this
   */
  public GenerationOptionsBuilder topK(int value) {
    return set(b -> b.topK = value);
  }

  /**
   * Limits sampling to a nucleus (Holtzman et al. 2020).
   *
   * @param value its probability, 0 to 1; 0 leaves the likeliest token
   * @return this
   */
  public GenerationOptionsBuilder topP(double value) {
    return set(b -> b.topP = value);
  }

  /**
   * Limits sampling to tokens that are likely enough.
   *
   * @param value share of the best token's probability, 0 to 1
   * @return this
   */
  public GenerationOptionsBuilder minP(double value) {
    return set(b -> b.minP = value);
  }

  /**
   * Limits sampling to typical tokens.
   *
   * @param value their probability, above 0, at most 1
   * @return this
   */
  public GenerationOptionsBuilder typicalP(double value) {
    return set(b -> b.typicalP = value);
  }

  /**
   * Makes sampling repeatable.
   *
   * @param value any number
   * @return this
   */
  public GenerationOptionsBuilder seed(long value) {
    return set(b -> b.seed = OptionalLong.of(value));
  }

  /**
   * Sets the penalty of tokens that are there already.
   *
   * @param value 1e-30 to 1e30
   * @return this
   */
  public GenerationOptionsBuilder repetitionPenalty(double value) {
    return set(b -> b.repetitionPenalty = value);
  }

  /**
   * Forbids sequences of so many tokens to come twice.
   *
   * @param value 0 for no such rule
   * @return this
   */
  public GenerationOptionsBuilder noRepeatNgramSize(int value) {
    return set(b -> b.noRepeatNgramSize = value);
  }

  /**
   * Forbids token sequences.
   *
   * @param value the sequences, none empty
   * @return this
   */
  public GenerationOptionsBuilder badWordsIds(List<List<Integer>> value) {
    return set(b -> b.badWordsIds = copyOf(value));
  }

  /**
   * Allows only these token sequences, each followed by an end token. {@code
   * TextTokenizer.encodeBehind} has those of a text behind a prompt.
   *
   * @param value the sequences, none empty; an empty list allows everything
   * @return this
   */
  public GenerationOptionsBuilder choices(List<List<Integer>> value) {
    return set(b -> b.choices = copyOf(value));
  }

  /**
   * Sets texts to stop at.
   *
   * @param value the texts, none empty
   * @return this
   */
  public GenerationOptionsBuilder stopStrings(List<String> value) {
    return set(b -> b.stopStrings = List.copyOf(value));
  }

  /**
   * Limits the time a text may take.
   *
   * @param value above 0
   * @return this
   */
  public GenerationOptionsBuilder maxTime(Duration value) {
    return set(b -> b.maxTime = value);
  }

  /**
   * Asks for the most likely alternatives of each token.
   *
   * @param value how many
   * @return this
   */
  public GenerationOptionsBuilder topLogProbabilities(int value) {
    return set(b -> b.topLogProbabilities = value);
  }

  /**
   * Sets the user's own processors.
   *
   * @param value in the order in which they run
   * @return this
   */
  public GenerationOptionsBuilder scoreProcessors(List<ScoreProcessor> value) {
    return set(b -> b.scoreProcessors = List.copyOf(value));
  }

  GenerationOptionsBuilder copy() {
    GenerationOptionsBuilder copy = new GenerationOptionsBuilder();
    copy.maxNewTokens = maxNewTokens;
    copy.minNewTokens = minNewTokens;
    copy.maxLength = maxLength;
    copy.minLength = minLength;
    copy.numBeams = numBeams;
    copy.lengthPenalty = lengthPenalty;
    copy.earlyStopping = earlyStopping;
    copy.numReturnSequences = numReturnSequences;
    copy.doSample = doSample;
    copy.temperature = temperature;
    copy.topK = topK;
    copy.topP = topP;
    copy.minP = minP;
    copy.typicalP = typicalP;
    copy.seed = seed;
    copy.repetitionPenalty = repetitionPenalty;
    copy.noRepeatNgramSize = noRepeatNgramSize;
    copy.badWordsIds = badWordsIds;
    copy.choices = choices;
    copy.stopStrings = stopStrings;
    copy.maxTime = maxTime;
    copy.topLogProbabilities = topLogProbabilities;
    copy.scoreProcessors = scoreProcessors;
    return copy;
  }

  /** Every option by name, in the order in which texts show them. */
  Map<String, Object> named() {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("maxNewTokens", maxNewTokens);
    named.put("minNewTokens", minNewTokens);
    named.put("maxLength", maxLength);
    named.put("minLength", minLength);
    named.put("numBeams", numBeams);
    named.put("lengthPenalty", lengthPenalty);
    named.put("earlyStopping", earlyStopping);
    named.put("numReturnSequences", numReturnSequences);
    named.put("doSample", doSample);
    named.put("temperature", temperature);
    named.put("topK", topK);
    named.put("topP", topP);
    named.put("minP", minP);
    named.put("typicalP", typicalP);
    named.put("seed", seed);
    named.put("repetitionPenalty", repetitionPenalty);
    named.put("noRepeatNgramSize", noRepeatNgramSize);
    named.put("badWordsIds", badWordsIds);
    named.put("choices", choices);
    named.put("stopStrings", stopStrings);
    named.put("maxTime", Optional.ofNullable(maxTime));
    named.put("topLogProbabilities", topLogProbabilities);
    named.put("scoreProcessors", scoreProcessors);
    return named;
  }

  /**
   * What differs from the defaults so far.
   *
   * @return such as {@code GenerationOptionsBuilder[numBeams=5]}
   */
  @Override
  public String toString() {
    GenerationOptionsBuilder defaults = new GenerationOptionsBuilder();
    return OptionText.of("GenerationOptionsBuilder", named(), defaults.named());
  }

  private GenerationOptionsBuilder set(Consumer<GenerationOptionsBuilder> change) {
    change.accept(this);
    return this;
  }

  /**
   * Checks the options and makes them immutable.
   *
   * @return the options
   * @throws IllegalArgumentException if one is out of its range or contradicts another; has name,
   *     value and rule
   */
  public GenerationOptions build() {
    atLeast("max_new_tokens", maxNewTokens, 1);
    check(
        minNewTokens >= 0 && (maxLength > 0 || minNewTokens <= maxNewTokens),
        "min_new_tokens (%d) must be 0 to max_new_tokens (%d)",
        minNewTokens,
        maxNewTokens);
    atLeast("num_beams", numBeams, 1);
    check(
        numBeams == 1 || Double.isFinite(lengthPenalty),
        "length_penalty (%s) must be a finite number",
        lengthPenalty);
    atLeast("num_return_sequences", numReturnSequences, 1);
    check(
        doSample && numBeams == 1 || numReturnSequences <= numBeams,
        "num_return_sequences (%d) must be at most num_beams (%d) unless do_sample draws each",
        numReturnSequences,
        numBeams);
    checkSampling();
    divisor("repetition_penalty", repetitionPenalty);
    atLeast("no_repeat_ngram_size", noRepeatNgramSize, 0);
    atLeast("top_log_probabilities", topLogProbabilities, 0);
    badWordsIds.forEach(word -> checkWord("bad_words_ids", word));
    choices.forEach(choice -> checkWord("choices", choice));
    stopStrings.forEach(s -> check(!s.isEmpty(), "stop_strings (\"\") must not be empty"));
    check(
        maxTime == null || !maxTime.isNegative() && !maxTime.isZero(),
        "max_time (%s) must be above 0",
        maxTime);
    check(
        numBeams == 1 || stopStrings.isEmpty(),
        "stop_strings (%s) must be empty with num_beams (%d) above 1",
        stopStrings,
        numBeams);
    return new GenerationOptions(copy());
  }

  /** Without sampling these are switched off, as in the reference, whatever they are. */
  private void checkSampling() {
    if (!doSample) {
      return;
    }
    divisor("temperature", temperature);
    atLeast("top_k", topK, 0);
    check(topP >= 0 && topP <= 1, "top_p (%s) must be 0 to 1", topP);
    check(minP >= 0 && minP <= 1, "min_p (%s) must be 0 to 1", minP);
    check(typicalP > 0 && typicalP <= 1, "typical_p (%s) must be above 0 and at most 1", typicalP);
  }

  private static void atLeast(String name, int value, int least) {
    check(value >= least, "%s (%d) must be at least %d", name, value, least);
  }

  /** Scores, of single precision, are divided by it: none may become infinite. */
  private static void divisor(String name, double value) {
    check(value >= 1e-30 && value <= 1e30, "%s (%s) must be within 1e-30 and 1e30", name, value);
  }

  private static void checkWord(String name, List<Integer> word) {
    check(
        !word.isEmpty() && word.stream().allMatch(id -> id >= 0),
        "%s (%s) must be lists of token ids, none empty",
        name,
        word);
  }

  private static void check(boolean right, String rule, @Nullable Object... values) {
    if (!right) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, rule, values));
    }
  }

  private static List<List<Integer>> copyOf(List<List<Integer>> words) {
    List<List<Integer>> copy = new ArrayList<>();
    words.forEach(word -> copy.add(List.copyOf(word)));
    return List.copyOf(copy);
  }
}
