package io.github.blip2j.family;

import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.CacheLayout;
import java.util.List;

/**
 * Shape of the language model and the token ids that steer it; one implementation for each {@link
 * LanguageFamily}.
 */
public non-sealed interface TextConfig extends HeadConfig {
  /**
   * Width d of the language model's vectors.
   *
   * @return hidden size
   */
  int hiddenSize();

  /**
   * Most positions that one sequence may have, image features included.
   *
   * @return maximal length
   */
  int maxPositions();

  /**
   * Ids any of which ends a text.
   *
   * @return end tokens, at least one; first the one that the model writes itself, by which ranking
   *     and training end a text
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
   * Keys and values that the model keeps of earlier positions.
   *
   * @return layers, key/value heads and head width of the decoder
   */
  CacheLayout cache();

  /**
   * Attention heads H of the queries.
   *
   * @return number of heads
   */
  int heads();

  /**
   * Whether an encoder reads image features and prompt, and a decoder of its own writes.
   *
   * @return false for a decoder alone, as a model is unless its family says otherwise
   */
  default boolean encoderDecoder() {
    return false;
  }

  /**
   * Id that a decoder behind an encoder starts from.
   *
   * @return the id; of a decoder alone the {@link #startToken}
   */
  default int decoderStartToken() {
    return startToken();
  }

  /**
   * Whether a prompt is the start token and the words, without what the tokenizer puts around a
   * text.
   *
   * @return false unless a family says otherwise
   */
  default boolean plainPrompts() {
    return false;
  }

  /**
   * Names under which the token table may be stored.
   *
   * @return names within the language model: the one that is asked for, then the others that a
   *     checkpoint may have instead, by preference
   */
  List<String> tokenTable();

  /**
   * Stacks of numbered layers, so that a checkpoint that stores more of them than its settings say
   * can be refused.
   *
   * @return each stack
   */
  List<Stack> stacks();

  /**
   * Layers that are stored under numbers.
   *
   * @param prefix of their names within the language model, up to the number, such as {@code
   *     model.decoder.layers.}
   * @param setting of {@code config.json} that says how many there are
   * @param layers how many it says
   */
  record Stack(String prefix, String setting, int layers) {}

  /**
   * The language model over a checkpoint's weights.
   *
   * @param weights names after {@code language_model.}
   * @return its stages, all names and shapes checked
   * @throws io.github.blip2j.core.CheckpointException if a tensor is missing or has another shape
   */
  LanguageProgram program(Weights weights);

  /**
   * Positions that image features and prompt take in a session.
   *
   * @param features image features
   * @param tokens of the prompt
   * @return all of them; for an encoder and decoder 1, the decoder's start token
   */
  default int promptPositions(int features, int tokens) {
    return encoderDecoder() ? 1 : features + tokens;
  }
}
