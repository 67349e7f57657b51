package io.github.blip2j;

import java.util.List;

/**
 * A text that the model wrote.
 *
 * @param text the new tokens as text, special tokens left out, white space at both ends stripped;
 *     the prompt is not in it
 * @param tokenIds the new tokens as generated, the end token included
 * @param finishReason why it ended
 * @param timings how long each stage took
 */
public record GeneratedText(
    String text, List<Integer> tokenIds, FinishReason finishReason, StageTimings timings) {
  /** Copies the ids. */
  public GeneratedText {
    tokenIds = List.copyOf(tokenIds);
  }
}
