package io.github.blip2j;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoint's tokenizer: from text to token ids and back, for everything that speaks ids
 * ({@link GenerationOptions#choices}, {@link GenerationOptions#badWordsIds}, {@link
 * ScoreProcessor}, {@link GeneratedText#tokenIds}). {@link Blip2#tokenizer} gives it.
 *
 * <p>Immutable; safe for many threads while its {@link Blip2} is open, and refused with {@link
 * IllegalStateException} afterwards. Nothing to close.
 */
public final class TextTokenizer {
  /** Up to three tokens, each a text, its place and some numbers, for a moment twice. */
  private static final int HEAP_A_LETTER = 1024;

  private static final int MOST_UNCHECKED = 4096;

  private final Engine engine;

  TextTokenizer(Engine engine) {
    this.engine = engine;
  }

  /**
   * Encodes a text as it stands, without special tokens. A byte-level tokenizer, OPT's, counts a
   * space to the word behind it: what the model writes after a prompt begins with one, so that
   * {@code encode(" two")} is the word within a text and {@code encode("two")} one at its very
   * beginning. LLaMA's puts a space in front of every text. {@link #encodeBehind} does what either
   * needs.
   *
   * @param text any text, also an empty one; {@code <image>} in it is letters like any other
   * @return ids, each at least 0 and below {@link #vocabularySize}; unmodifiable
   * @throws IllegalArgumentException if the text is too long for the free heap: a kilobyte a letter
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if the tokenizer gives an id that the model has no row for
   */
  public List<Integer> encode(String text) {
    return engine.tokenizing(t -> ids(t.encodeWhole(fitting(text), false)));
  }

  /**
   * Encodes a text with the special tokens that this checkpoint puts around every prompt, as the
   * tasks do: OPT's {@code </s>} in front, Flan-T5's {@code </s>} behind, BERT's around it, and
   * {@code [DEC]} in front where the Q-Former writes itself.
   *
   * @param prompt any text, also an empty one; {@code <image>} in it is letters like any other
   * @return ids, each at least 0 and below {@link #vocabularySize}; unmodifiable
   * @throws IllegalArgumentException if the text is too long for the free heap: a kilobyte a letter
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if the tokenizer gives an id that the model has no row for
   */
  public List<Integer> encodePrompt(String prompt) {
    if (engine.config().head() instanceof TextConfig text && text.plainPrompts()) {
      List<Integer> ids = new ArrayList<>(List.of(text.startToken()));
      ids.addAll(encode(prompt));
      return List.copyOf(ids);
    }
    return engine.tokenizing(t -> ids(t.encodeWhole(fitting(prompt), true)));
  }

  /**
   * Encodes a text as it goes on from a prompt, without special tokens: what {@link AnswerRanker}
   * scores, and what {@link GenerationOptions#choices} are to be behind a prompt. A decoder's text
   * follows the prompt behind a space, unless there is white space already. Where an encoder reads
   * the prompt the text stands by itself.
   *
   * @param prompt what the model is asked with
   * @param text any text, also an empty one; {@code <image>} in it is letters like any other
   * @return ids, each at least 0 and below {@link #vocabularySize}; unmodifiable
   * @throws IllegalArgumentException if both are too long for the free heap: a kilobyte a letter
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if the tokenizer gives an id that the model has no row for
   */
  public List<Integer> encodeBehind(String prompt, String text) {
    if (engine.config().head() instanceof TextConfig config && config.encoderDecoder()) {
      return encode(text);
    }
    fitting(prompt + " " + text);
    return engine.tokenizing(t -> ids(t.encodeWholeBehind(prompt, text)));
  }

  /** Where the heap ends within the library's native code, it ends the process. */
  private static String fitting(String text) {
    Runtime here = Runtime.getRuntime();
    long free = here.maxMemory() - here.totalMemory() + here.freeMemory();
    if (text.length() > MOST_UNCHECKED && text.length() > free / HEAP_A_LETTER) {
      throw new IllegalArgumentException(
          "text ("
              + text.length()
              + " letters) must be at most "
              + free / HEAP_A_LETTER
              + " letters long with a free heap of "
              + free
              + " bytes");
    }
    return text;
  }

  /**
   * Decodes ids, special tokens left out. White space at both ends stays, which the texts of {@link
   * GeneratedText} do not have.
   *
   * @param ids each at least 0 and below {@link #vocabularySize}; one without a token is nothing
   * @return the text
   * @throws IllegalArgumentException if an id is out of that range; names it
   * @throws IllegalStateException if the model has been closed
   */
  public String decode(List<Integer> ids) {
    List<Integer> checked = List.copyOf(ids);
    checked.forEach(this::require);
    return engine.tokenizing(t -> t.decodeRaw(checked));
  }

  /**
   * The token of an id as the vocabulary writes it, such as {@code Ġtwo} (byte-level: {@code Ġ} is
   * a space), {@code ▁two} (Flan-T5) or {@code </s>}; {@link #decode} has the text that it stands
   * for. The vocabulary is read from {@code tokenizer.json} at the first call.
   *
   * @param id at least 0 and below {@link #vocabularySize}
   * @return the token, or nothing for a row of the model that no token has
   * @throws IllegalArgumentException if the id is out of that range
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if {@code tokenizer.json} is no longer there
   */
  public Optional<String> token(int id) {
    require(id);
    return engine.tokenizing(t -> t.token(id));
  }

  /**
   * The id of a token as the vocabulary writes it; the inverse of {@link #token}.
   *
   * @param token such as {@code Ġtwo} or {@code </s>}
   * @return its id, or nothing if there is no such token
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if {@code tokenizer.json} is no longer there
   */
  public OptionalInt id(String token) {
    return engine.tokenizing(t -> t.id(token));
  }

  /**
   * Ids of the special tokens, which {@link #decode} leaves out: begin, end and padding of a text,
   * the image placeholder. That of an image-text matching checkpoint may lie at {@link
   * #vocabularySize}, where the model has no row.
   *
   * @return ids in ascending order, unmodifiable
   * @throws IllegalStateException if the model has been closed
   * @throws CheckpointException if {@code tokenizer.json} is no longer there
   */
  public Set<Integer> specialIds() {
    return engine.tokenizing(t -> t.specialIds());
  }

  /**
   * Rows of the model's vocabulary: the scores that a {@link ScoreProcessor} is given. Some may
   * have no token.
   *
   * @return at least 1
   */
  public int vocabularySize() {
    return engine.config().head().vocabularySize();
  }

  private void require(int id) {
    if (id < 0 || id >= vocabularySize()) {
      throw new IllegalArgumentException(
          "token id (" + id + ") must be 0 to " + (vocabularySize() - 1));
    }
  }

  private static List<Integer> ids(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  /**
   * How many positions of the language model an image takes in front of the text: 32 for the
   * published checkpoints, as often as there are images. Nothing is encoded for it.
   *
   * @param image one image or several
   * @return its vectors
   * @throws IllegalArgumentException if this checkpoint does not take several images
   * @throws CheckpointException if this checkpoint writes no text
   */
  public int imageTokens(ImageInput image) {
    return engine.writing().imageTokens(image);
  }

  /**
   * How many positions of the language model a request takes before it writes: those of its image
   * and the tokens of its prompt. Nothing is encoded for it.
   *
   * @param image one image or several
   * @param prompt as the request has it; null for none, which where the Q-Former reads instructions
   *     means the one for captions
   * @return vectors and tokens, at least 2
   * @throws IllegalArgumentException if this checkpoint does not take several images
   * @throws CheckpointException if this checkpoint writes no text
   */
  public int inputTokens(ImageInput image, @Nullable String prompt) {
    return engine.writing().inputTokens(image, prompt);
  }
}
