package io.github.blip2j.internal.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.blip2j.CheckpointException;
import io.github.blip2j.checkpoint.Checkpoint;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A checkpoint's {@code tokenizer.json}, run by the Hugging Face library itself. Owned and closed
 * by the {@code Blip2} that loaded it; safe for many threads.
 */
public final class Tokenizer implements AutoCloseable {
  private static final String IMAGE = "<image>";
  private static final Map<String, String> AS_IT_IS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabulary;

  private Tokenizer(HuggingFaceTokenizer tokenizer, int vocabulary) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
  }

  /**
   * Loads a checkpoint's tokenizer. Nothing is fetched from anywhere.
   *
   * @throws CheckpointException if the file is no tokenizer
   */
  public static Tokenizer load(Checkpoint checkpoint) {
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(checkpoint.tokenizer(), AS_IT_IS),
          checkpoint.config().head().vocabularySize());
    } catch (IOException | RuntimeException e) {
      throw new CheckpointException(
          checkpoint.tokenizer() + ": expected a tokenizer, found: " + e.getMessage(), e);
    }
  }

  /**
   * Encodes a prompt with the tokens that the checkpoint puts around every text. The words {@code
   * <image>} in a prompt are text like any other: they are read as the letters that they are, and
   * never become the placeholder that stands for picture features.
   *
   * @return ids, all below the vocabulary's size
   * @throws CheckpointException if an id has no row in the vocabulary
   */
  public int[] encode(String prompt) {
    int at = prompt.indexOf(IMAGE);
    if (at < 0) {
      return checked(tokenizer.encode(prompt, true, false).getIds());
    }
    // Cut behind the bracket, where byte-level BPE separates words anyway, so that no added token
    // matches; the first piece brings the special tokens in front.
    IntStream ids = IntStream.of(encode(prompt.substring(0, at + 1)));
    String rest = prompt.substring(at + 1);
    for (at = rest.indexOf(IMAGE); at >= 0; at = rest.indexOf(IMAGE)) {
      ids = IntStream.concat(ids, IntStream.of(plain(rest.substring(0, at + 1))));
      rest = rest.substring(at + 1);
    }
    return IntStream.concat(ids, IntStream.of(plain(rest))).toArray();
  }

  /** Encodes a text that goes on from another, without special tokens. */
  public int[] encodePlain(String text) {
    return plain(text);
  }

  private int[] plain(String text) {
    return checked(tokenizer.encode(text, false, false).getIds());
  }

  private int[] checked(long[] ids) {
    for (long id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new CheckpointException(
            "tokenizer.json: expected ids below vocab_size (" + vocabulary + "), found " + id);
      }
    }
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  /** Decodes ids and leaves out special tokens; white space stays as it is. */
  public String decodeRaw(List<Integer> ids) {
    long[] array = ids.stream().mapToLong(Integer::longValue).toArray();
    return array.length == 0 ? "" : tokenizer.decode(array, true);
  }

  /** Decodes ids and strips white space at both ends, as the reference does. */
  public String decode(List<Integer> ids) {
    return strip(decodeRaw(ids));
  }

  /** Python's {@code str.strip()}: unlike Java's it takes no-break spaces too. */
  public static String strip(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(text.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
