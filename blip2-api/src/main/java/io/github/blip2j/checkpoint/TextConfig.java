package io.github.blip2j.checkpoint;

import java.util.List;

/** Shape of the language model and the token ids that steer it. */
public sealed interface TextConfig permits OptConfig {
  /**
   * Width d of the language model's vectors.
   *
   * @return hidden size
   */
  int hiddenSize();

  /**
   * Number V of rows of the vocabulary.
   *
   * @return vocabulary size
   */
  int vocabularySize();

  /**
   * Most positions that one sequence may have, picture included.
   *
   * @return maximal length
   */
  int maxPositions();

  /**
   * Ids any of which ends a text.
   *
   * @return end tokens, at least one
   */
  List<Integer> endTokens();

  /**
   * Id that starts a text without a prompt.
   *
   * @return start token
   */
  int startToken();

  /**
   * Id that fills unequal rows.
   *
   * @return padding token
   */
  int padToken();

  /**
   * Size of the key/value cache of one row.
   *
   * @param positions length of the row
   * @return bytes in float32
   */
  long cacheBytes(int positions);
}
