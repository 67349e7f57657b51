package io.github.blip2j.generation;

import java.time.Duration;

/**
 * Wall-clock time of each stage of one call. In a call with several rows a stage is run once for
 * all of them, and each result carries that time.
 *
 * @param preprocessing reading and preparing the image
 * @param vision the vision encoder
 * @param qformer the Q-Former and projection
 * @param prefill image features and prompt through the language model, up to the first token; of a
 *     stream it is part of {@code decode}
 * @param decode every later token; of a stream the time from its start to its end, what its reader
 *     took included
 */
public record StageTimings(
    Duration preprocessing, Duration vision, Duration qformer, Duration prefill, Duration decode) {
  /**
   * The sum.
   *
   * @return time of all stages
   */
  public Duration total() {
    return preprocessing.plus(vision).plus(qformer).plus(prefill).plus(decode);
  }
}
