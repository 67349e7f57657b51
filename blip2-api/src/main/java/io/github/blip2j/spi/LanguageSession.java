package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;

/**
 * Sequences under way. Of a decoder alone (OPT), image, prompt and text are one sequence. Of an
 * encoder and decoder (T5), the first {@link #append} is what the encoder reads, once; the
 * decoder's own sequence begins with its start token and goes on with the tokens of later calls.
 *
 * <p>State: a key/value cache that is updated in place, one row a sequence. For one thread at a
 * time: a call while another is under way throws {@link IllegalStateException}, and so does one
 * after {@link #close}, which any thread may call at any moment. After an {@link
 * InferenceException} only {@link #close} may be called.
 */
public interface LanguageSession extends AutoCloseable {
  /**
   * Number of sequences.
   *
   * @return B
   */
  int rows();

  /**
   * Positions of one sequence so far.
   *
   * @param row index from 0
   * @return its length, image included; of an encoder and decoder, that of the decoder
   */
  int length(int row);

  /**
   * Appends image features and then tokens to each row, and gives the logits that follow the last
   * token of each. Rows may have different numbers of tokens.
   *
   * @param features (B, F, d) float32 in front of the tokens, F the same for every row; empty for
   *     none, and empty for an encoder and decoder but in the first call
   * @param tokens ids of each row, at least one a row
   * @param logits receives (B, V) float32 from index 0; owned by the caller
   * @throws IllegalArgumentException if a size does not fit, or a row would outgrow the capacity
   * @throws InferenceException if the engine fails
   */
  void append(float[] features, int[][] tokens, float[] logits);

  /**
   * Appends tokens to the only row, which has begun, and gives the logits that follow each of them.
   *
   * @param tokens T ids, at least one
   * @param logits receives (T, V) float32 from index 0; owned by the caller
   * @throws IllegalArgumentException if there are several rows, a size does not fit, or the row
   *     would outgrow the capacity
   * @throws InferenceException if the engine fails
   */
  void appendEach(int[] tokens, float[] logits);

  /**
   * Keeps some rows, in a new order: afterwards row i is what row {@code rows[i]} was. A row may be
   * named several times or not at all.
   *
   * @param rows indices of present rows, at least one
   * @throws IllegalArgumentException if an index is out of range
   */
  void select(int[] rows);

  /**
   * Goes back to shorter sequences.
   *
   * @param length positions that every row keeps; rows that are shorter stay as they are
   * @throws IllegalArgumentException if negative
   */
  void truncate(int length);

  /**
   * Copies some of this session's rows with what they have cached, and nothing beyond it. What an
   * encoder read is shared, not copied. The caller owns and closes the copy.
   *
   * @param rows indices of present rows, at least one; a row may be named several times
   * @param capacity most positions that any row of the copy will have; at least those that the rows
   *     have now
   * @return a session whose row i begins as row {@code rows[i]} is now, independent of this one
   * @throws IllegalArgumentException if an index or the capacity is out of range
   */
  LanguageSession fork(int[] rows, int capacity);

  /**
   * Adds copies of another session's rows, with what they have cached and what an encoder read for
   * them, behind the present ones. The other session stays as it is, and may be closed afterwards.
   * So rows that began apart go on together: they may be of different lengths, and a step of all of
   * them gives each the logits that it would have been given alone.
   *
   * @param other of the same model, in use by nobody else; of an encoder and decoder both have
   *     begun
   * @param rows indices of its rows, at least one; a row may be named several times
   * @throws IllegalArgumentException if it is this session or one of another model, an index is out
   *     of range, or a row is longer than this session's capacity; nothing has changed then
   */
  void adopt(LanguageSession other, int[] rows);

  /** Waits for a call under way, then releases the cache. Closing again does nothing. */
  @Override
  void close();
}
