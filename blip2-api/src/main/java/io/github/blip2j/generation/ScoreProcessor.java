package io.github.blip2j.generation;

import java.util.List;

/**
 * A user's own change of the next token's scores. It runs after the library's penalties and bans
 * and before sampling's temperature and cuts, as user processors do in Transformers.
 */
@FunctionalInterface
public interface ScoreProcessor {
  /**
   * Changes scores in place. Called in the generating thread, once a sequence and token.
   *
   * @param tokens ids of the sequence so far, unmodifiable: the image token once a query vector if
   *     the checkpoint has one, the prompt, then what was written
   * @param scores one float a token of the vocabulary: logits, or log-probabilities in a beam
   *     search; {@link Float#NEGATIVE_INFINITY} forbids a token; NaN and positive infinity are
   *     refused with an {@link IllegalArgumentException}
   */
  void process(List<Integer> tokens, float[] scores);
}
