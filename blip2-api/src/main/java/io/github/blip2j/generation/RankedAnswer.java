package io.github.blip2j.generation;

import java.util.List;

/**
 * A candidate answer with how likely the model finds it.
 *
 * @param text the candidate as it was given
 * @param tokenIds what was scored: the candidate's tokens, and the end token if it counts
 * @param logProbability sum of the tokens' natural log-probabilities in the model's own
 *     distribution
 * @param score {@code logProbability}, or its mean over the tokens if lengths are normalised
 * @param probability softmax of the scores of all candidates, which sums to 1 over them
 */
public record RankedAnswer(
    String text, List<Integer> tokenIds, double logProbability, double score, double probability) {
  /** Copies the list. */
  public RankedAnswer {
    tokenIds = List.copyOf(tokenIds);
  }
}
