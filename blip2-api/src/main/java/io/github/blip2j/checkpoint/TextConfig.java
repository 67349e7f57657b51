package io.github.blip2j.checkpoint;

import java.util.List;

/** Shape of the language model and the token ids that steer it. */
public sealed interface TextConfig extends HeadConfig permits OptConfig, T5Config {
  /**
   * Width d of the language model's vectors.
   *
   * @return hidden size
   */
  int hiddenSize();

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
   * Blocks that keep keys and values of earlier positions.
   *
   * @return layers of the decoder
   */
  int layers();

  /**
   * Attention heads H.
   *
   * @return number of heads
   */
  int heads();

  /**
   * Width d of a head.
   *
   * @return head width
   */
  int headWidth();

  /**
   * Whether an encoder reads picture and prompt, and a decoder of its own writes.
   *
   * @return true for T5, false for OPT
   */
  boolean encoderDecoder();

  /**
   * Positions that picture and prompt take in a session.
   *
   * @param features vectors of the picture
   * @param tokens of the prompt
   * @return all of them; for an encoder and decoder 1, the decoder's start token
   */
  default int promptPositions(int features, int tokens) {
    return encoderDecoder() ? 1 : features + tokens;
  }

  /**
   * Size of the key/value cache of one row.
   *
   * @param positions length of the row
   * @return bytes in float32
   */
  default long cacheBytes(int positions) {
    return 2L * Float.BYTES * layers() * heads() * headWidth() * positions;
  }
}
