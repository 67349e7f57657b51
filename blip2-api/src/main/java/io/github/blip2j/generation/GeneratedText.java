package io.github.blip2j.generation;

import java.util.List;

/**
 * A text that the model wrote.
 *
 * @param text the new tokens as text, special tokens left out, white space at both ends stripped,
 *     cut before a stop string; the prompt is not in it
 * @param tokenIds the new tokens as generated, the end token included
 * @param finishReason why it ended
 * @param score sum of {@code logProbabilities}; of a beam search the reference's sequence score:
 *     the processed log-probabilities' sum over length^length_penalty
 * @param logProbabilities natural logarithm of each token's probability in the model's own
 *     distribution, before any processor; as many as tokens
 * @param alternatives for each token the most likely ones at its place, best first; empty unless
 *     {@link GenerationOptions#topLogProbabilities()} asks for them
 * @param timings how long each stage took
 */
public record GeneratedText(
    String text,
    List<Integer> tokenIds,
    FinishReason finishReason,
    double score,
    List<Double> logProbabilities,
    List<List<TokenProbability>> alternatives,
    StageTimings timings) {
  /** Copies the lists. */
  public GeneratedText {
    tokenIds = List.copyOf(tokenIds);
    logProbabilities = List.copyOf(logProbabilities);
    alternatives = List.copyOf(alternatives);
  }
}
