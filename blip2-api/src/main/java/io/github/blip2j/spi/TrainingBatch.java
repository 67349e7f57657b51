package io.github.blip2j.spi;

import java.util.Arrays;

/**
 * Texts about images, of which a model learns the answers. Arrays are lent for the call.
 *
 * <p>A decoder alone reads image features, prompt and answer as one row, and each of the answer's
 * tokens is predicted from what is in front of it, the first one of an empty prompt from the image
 * features. An encoder reads features and prompt, and its decoder writes the answer.
 *
 * @param images of all rows: what {@link TrainingRequest#input} says
 * @param prompts ids of each row, special tokens included; may be empty
 * @param answers ids of each row, its end token included; at least one each
 */
@SuppressWarnings("ArrayRecordComponent") // lent, not compared
public record TrainingBatch(float[] images, int[][] prompts, int[][] answers) {
  /** Checks that there are as many prompts as answers. */
  public TrainingBatch {
    if (answers.length == 0 || prompts.length != answers.length) {
      throw new IllegalArgumentException(
          "expected at least one row with a prompt and an answer each, found "
              + prompts.length
              + " prompts and "
              + answers.length
              + " answers");
    }
    for (int[] answer : answers) {
      if (answer.length == 0) {
        throw new IllegalArgumentException("expected answers of at least one token, found none");
      }
    }
  }

  /**
   * Number of rows.
   *
   * @return B, at least 1
   */
  public int rows() {
    return answers.length;
  }

  /**
   * Tokens that the loss is the mean over.
   *
   * @return of all answers
   */
  public int tokens() {
    return Arrays.stream(answers).mapToInt(a -> a.length).sum();
  }
}
