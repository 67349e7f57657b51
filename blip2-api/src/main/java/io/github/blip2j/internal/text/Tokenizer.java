package io.github.blip2j.internal.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.HeadConfig;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.internal.hub.ModelLocator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's {@code tokenizer.json}, run by the Hugging Face library itself. Owned and closed
 * by the {@code Blip2} that loaded it; safe for many threads.
 */
public final class Tokenizer implements AutoCloseable {
  private static final String IMAGE = "<image>";
  private static final Map<String, String> AS_IT_IS =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private static final int SLACK = 64; // tokens by which a cut may change what is in front of it
  private static final int GROWTH = 8;

  private final HuggingFaceTokenizer tokenizer;
  private final int vocabulary;
  private final int mostTokens;
  private final SpaceCleanup cleanup;
  private final ByteRuns runs;
  private final Path file;
  private @Nullable Vocabulary tokens; // read at first use
  private @Nullable HuggingFaceTokenizer literal; // made at first use

  private Tokenizer(
      HuggingFaceTokenizer tokenizer,
      TextBounds bounds,
      SpaceCleanup cleanup,
      ByteRuns runs,
      Path file) {
    this.file = file;
    this.runs = runs;
    this.tokenizer = tokenizer;
    this.vocabulary = bounds.vocabularySize();
    this.mostTokens = bounds.maxPositions();
    this.cleanup = cleanup;
  }

  private static TextBounds bounds(HeadConfig head) {
    return head instanceof TextConfig text
        ? new TextBounds(text.vocabularySize(), text.maxPositions())
        : ((RetrievalConfig) head).texts();
  }

  /** The same with the default cache folder. */
  public static Tokenizer load(Checkpoint checkpoint) {
    return load(checkpoint, ModelLocator.ofProcess().derivedFiles());
  }

  /**
   * Loads a checkpoint's tokenizer. Nothing is fetched from anywhere. Native code is given what
   * {@link TokenizerFile} has checked, and never the file itself.
   *
   * @param cache the cache folder, in which the native library is unpacked
   * @throws CheckpointException if the file is no tokenizer, or a damaged one
   * @throws BackendUnavailableException if the native library cannot be loaded
   */
  public static Tokenizer load(Checkpoint checkpoint, Path cache) {
    TokenizerFile file = checked(checkpoint.tokenizer());
    boolean cleanup = checkpoint.cleansUpSpaces(file.bpe());
    TokenizerLibrary.load(cache);
    return open(
        checkpoint.tokenizer(),
        file,
        bounds(checkpoint.config().head()),
        cleanup ? SpaceCleanup.ON : SpaceCleanup.OFF);
  }

  /**
   * Loads the tokenizer by which a checkpoint's Q-Former reads instructions.
   *
   * @param bounds of the instructions
   * @param cache as of {@link #load(Checkpoint, Path)}
   * @throws CheckpointException if the file is no tokenizer, or a damaged one
   * @throws BackendUnavailableException if the native library cannot be loaded
   */
  public static Tokenizer ofInstructions(Checkpoint checkpoint, TextBounds bounds, Path cache) {
    Path file = checkpoint.instructionTokenizer();
    TokenizerFile checked = checked(file);
    TokenizerLibrary.load(cache);
    return open(file, checked, bounds, SpaceCleanup.OFF);
  }

  private static Tokenizer open(
      Path path, TokenizerFile file, TextBounds bounds, SpaceCleanup cleanup) {
    try {
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(file.json()), AS_IT_IS),
          bounds,
          cleanup,
          file.runs(),
          path);
    } catch (IOException | RuntimeException e) {
      throw noTokenizer(path, e);
    }
  }

  private static TokenizerFile checked(Path file) {
    try {
      return TokenizerFile.check(Files.readAllBytes(file));
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    } catch (CheckpointException e) {
      throw noTokenizer(file, e);
    }
  }

  private static CheckpointException noTokenizer(Path file, Exception cause) {
    return new CheckpointException(
        file + ": expected a tokenizer, found: " + cause.getMessage(), cause);
  }

  /**
   * Encodes a prompt with the tokens that the checkpoint puts around every text. The words {@code
   * <image>} in a prompt are text like any other: they are read as the letters that they are, and
   * never become the placeholder that stands for image features.
   *
   * @return ids, all below the vocabulary's size; of a prompt that is far too long for the
   *     checkpoint only those of its beginning, which are too many already
   * @throws CheckpointException if an id has no row in the vocabulary
   */
  public int[] encode(String prompt) {
    return encode(prompt, true);
  }

  /** Encodes a text that goes on from another, without special tokens. */
  public int[] encodePlain(String text) {
    return encode(text, false);
  }

  /**
   * Encodes texts that each go on from a prompt, which is read once, without special tokens: set
   * off by a space, unless there is white space already.
   *
   * @return of a text the ids that stand behind the prompt's where the two are read as one; if the
   *     prompt's would not stay the same, those of the text in the midst of another
   */
  public Function<String, int[]> behind(String prompt) {
    return behind(prompt, this::encodePlain);
  }

  /** The same for a prompt and a text of any length. */
  public int[] encodeWholeBehind(String prompt, String text) {
    return behind(prompt, all -> whole(all, false)).apply(text);
  }

  private static Function<String, int[]> behind(String prompt, Function<String, int[]> reader) {
    int[] front = reader.apply(prompt);
    return text -> {
      String next = touch(prompt, text) ? " " + text : text;
      return rest(front, reader.apply(prompt + next))
          // LLaMA's puts a space in front of a text by itself
          .or(() -> rest(reader.apply("\n"), reader.apply("\n" + next)))
          .orElseGet(() -> reader.apply(next));
    };
  }

  private static boolean touch(String prompt, String text) {
    return !prompt.isEmpty()
        && !Character.isWhitespace(prompt.charAt(prompt.length() - 1))
        && !text.isEmpty()
        && !Character.isWhitespace(text.charAt(0));
  }

  private static Optional<int[]> rest(int[] first, int[] both) {
    return both.length > first.length
            && Arrays.equals(first, 0, first.length, both, 0, first.length)
        ? Optional.of(Arrays.copyOfRange(both, first.length, both.length))
        : Optional.empty();
  }

  /** Encodes a whole text, however long, with the tokens around every text or without. */
  public int[] encodeWhole(String text, boolean special) {
    return whole(text, special);
  }

  /** A text of any length is read in growing beginnings until there are too many tokens. */
  private int[] encode(String text, boolean special) {
    for (long length = 1024L + (long) GROWTH * mostTokens;
        length < text.length();
        length *= GROWTH) {
      int end = (int) length - (Character.isHighSurrogate(text.charAt((int) length - 1)) ? 1 : 0);
      int[] ids = whole(text.substring(0, end), special);
      if (tooMany(ids.length)) {
        return ids;
      }
    }
    return whole(text, special);
  }

  private boolean tooMany(int tokens) {
    return tokens > (long) mostTokens + SLACK;
  }

  private int[] whole(String text, boolean special) {
    long[] ids;
    try {
      HuggingFaceTokenizer reader = text.contains(IMAGE) ? literal() : tokenizer;
      ids = reader.encode(text, special, false).getIds();
    } catch (IOException | RuntimeException e) { // such as a letter that no token stands for
      throw new CheckpointException("tokenizer.json: cannot read a text: " + e.getMessage(), e);
    }
    for (long id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new CheckpointException(
            "tokenizer.json: expected ids below vocab_size (" + vocabulary + "), found " + id);
      }
    }
    return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
  }

  /** The same tokenizer, to which {@code <image>} is letters. */
  private synchronized HuggingFaceTokenizer literal() throws IOException {
    HuggingFaceTokenizer made = literal;
    if (made == null) {
      byte[] json = checked(file).without(IMAGE);
      made = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_IT_IS);
      literal = made;
    }
    return made;
  }

  /** Decodes ids and leaves out special tokens; white space stays as it is. */
  public String decodeRaw(List<Integer> ids) {
    long[] array = ids.stream().mapToLong(Integer::longValue).toArray();
    return array.length == 0 ? "" : tokenizer.decode(array, true);
  }

  /**
   * How many of a text's first ids keep the text that {@link #decodeRaw} gives them, whatever
   * follows, but for a character that may be completed at its end.
   */
  public int settled(List<Integer> ids) {
    return runs.settled(ids);
  }

  /** Decodes ids, tidied. */
  public String decode(List<Integer> ids) {
    return tidy(decodeRaw(ids));
  }

  /**
   * A whole text as the reference gives it: without the spaces in front of punctuation where the
   * checkpoint wants that, and without white space at both ends.
   */
  public String tidy(String text) {
    return strip(cleanup.clean(text));
  }

  /**
   * How much of a text that goes on will stay as {@link #tidy} makes it now.
   *
   * @param end where the part ends that is not to be looked behind
   * @return at most {@code end}
   */
  public int settled(String text, int end) {
    return cleanup.settled(text, end);
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

  /** The token of an id, if it has one. */
  public Optional<String> token(int id) {
    return vocabulary().token(id);
  }

  /** The id of a token, if there is such a token. */
  public OptionalInt id(String token) {
    return vocabulary().id(token);
  }

  /** Ids of special tokens, ascending; unmodifiable. */
  public Set<Integer> specialIds() {
    return vocabulary().special();
  }

  /** The tokens themselves, read when they are first asked for. */
  private synchronized Vocabulary vocabulary() {
    Vocabulary read = tokens;
    if (read == null) {
      read = Vocabulary.of(checked(file));
      tokens = read;
    }
    return read;
  }

  @Override
  public synchronized void close() {
    tokenizer.close();
    if (literal != null) {
      literal.close();
      literal = null;
    }
  }
}
