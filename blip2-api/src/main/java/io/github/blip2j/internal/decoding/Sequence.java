package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.TokenProbability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One text under way: what was there, what was written, and whether it is done. */
public final class Sequence {
  private final int promptLength;
  private int[] tokens;
  private int length;
  private final List<Double> logProbabilities;
  private final List<List<TokenProbability>> alternatives;
  private @Nullable FinishReason finish;
  private double score;

  Sequence(Prompt prompt) {
    promptLength = prompt.history().length;
    tokens = Arrays.copyOf(prompt.history(), promptLength + 16);
    length = promptLength;
    logProbabilities = new ArrayList<>();
    alternatives = new ArrayList<>();
  }

  private Sequence(Sequence other) {
    promptLength = other.promptLength;
    tokens = other.tokens.clone();
    length = other.length;
    logProbabilities = new ArrayList<>(other.logProbabilities);
    alternatives = new ArrayList<>(other.alternatives);
    finish = other.finish;
    score = other.score;
  }

  Sequence copy() {
    return new Sequence(this);
  }

  /** Ids of prompt and text; only the first {@link #length} count. */
  int[] tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  /** Number of new tokens. */
  int written() {
    return length - promptLength;
  }

  /** New token {@code index}, from 0. */
  int written(int index) {
    return tokens[promptLength + index];
  }

  /** New tokens, the end token included. */
  public List<Integer> ids() {
    List<Integer> ids = new ArrayList<>();
    for (int i = promptLength; i < length; i++) {
      ids.add(tokens[i]);
    }
    return Collections.unmodifiableList(ids);
  }

  /** Prompt and text as processors of users see them. */
  List<Integer> history() {
    return Arrays.stream(tokens, 0, length).boxed().toList();
  }

  /** Log-probability of each new token in the model's own distribution. */
  public List<Double> logProbabilities() {
    return Collections.unmodifiableList(logProbabilities);
  }

  /** The most likely tokens at each step, if they were asked for. */
  public List<List<TokenProbability>> alternatives() {
    return Collections.unmodifiableList(alternatives);
  }

  /** Why it ended; empty while it goes on. */
  public Optional<FinishReason> finish() {
    return Optional.ofNullable(finish);
  }

  /** Sum of the log-probabilities; after a beam search its score, divided by the length's power. */
  public double score() {
    return score;
  }

  void add(int id, double logProbability, List<TokenProbability> likely) {
    if (length == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * length);
    }
    tokens[length++] = id;
    logProbabilities.add(logProbability);
    alternatives.add(likely);
    score += logProbability;
  }

  void finish(FinishReason reason) {
    finish = reason;
  }

  void score(double value) {
    score = value;
  }
}
