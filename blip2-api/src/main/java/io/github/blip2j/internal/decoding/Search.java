package io.github.blip2j.internal.decoding;

import io.github.blip2j.generation.FinishReason;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One request's way to its texts: reads the logits of its rows, says which rows go on and how. */
interface Search {
  /**
   * Rows of the session that go on.
   *
   * @param parents for each, which of the search's present rows it continues
   * @param tokens for each, the token that it appends
   */
  record Next(int[] parents, int[] tokens) {
    static final Next NONE = new Next(new int[0], new int[0]);

    int rows() {
      return tokens.length;
    }
  }

  /**
   * Takes a step. The first time there is one row, the prompt.
   *
   * @param logits of each present row, in an array that may be changed, but not kept
   */
  Next advance(float[][] logits);

  /**
   * What is known of the tokens that the present rows will choose.
   *
   * @param rows how many of the session's are this search's now
   * @return none if they are about to become others
   */
  Optional<Foresight> foresight(int rows);

  /**
   * What a request is refused with whose options forbid every token.
   *
   * @param written tokens before
   */
  static IllegalArgumentException nothingLeft(int written) {
    return new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "options must leave a token, but after %d tokens every one is forbidden",
            written));
  }

  /** Ends what is not done yet, for this reason. */
  void stop(FinishReason reason);

  /** The texts, best first where they are ranked; partly written ones while it goes on. */
  List<Sequence> results();
}
