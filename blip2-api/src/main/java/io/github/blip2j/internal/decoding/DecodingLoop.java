package io.github.blip2j.internal.decoding;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Requests under way in one session, pulled one token a row at a time. Each request has a search of
 * its own, which decides; the loop moves logits in and rows about: a request starts as one row, its
 * prompt, becomes as many as its search wants, and rows that are done leave at once. Owns its
 * start. For one thread, but for {@link #cancel}.
 */
public final class DecodingLoop implements AutoCloseable {
  private static final Duration FOREVER = Duration.ofNanos(Long.MAX_VALUE / 2);

  private final TextConfig config;
  private final List<Prompt> prompts;
  private final List<Search> searches = new ArrayList<>();
  private final TextStart start;
  private final LookaheadSession session; // the start's
  private final List<float[]> copies = new ArrayList<>(); // of a search's rows
  private final Patience patience = new Waits();
  private long started = System.nanoTime();
  private int[] rows; // of each search, in the session's order
  private int[] parents = new int[0];
  private int[] tokens = new int[0];
  private float[] logits = new float[0];
  private volatile boolean cancelled;
  private boolean begun;
  private boolean failed;

  private DecodingLoop(
      TextConfig config,
      List<Prompt> prompts,
      TextStart start,
      Function<List<Integer>, String> decoder) {
    this.config = config;
    this.prompts = prompts;
    this.start = start;
    this.session = start.session();
    this.rows = new int[prompts.size()];
    Arrays.fill(rows, 1);
    for (Prompt prompt : prompts) {
      GenerationOptions options = prompt.options();
      int limit = Math.min(options.maxNewTokens(), room(config, prompt));
      List<Integer> ends = config.endTokens();
      long seed = options.seed().orElseGet(() -> new SplittableRandom().nextLong());
      searches.add(
          options.numBeams() > 1
              ? new BeamSearch(prompt, ends, limit, seed)
              : new RowSearch(prompt, ends, limit, seed, decoder));
    }
  }

  /**
   * Opens a session for the prompts; nothing has been computed yet.
   *
   * @param prompts one a request, at least one, all with the same number of features
   * @throws IllegalArgumentException if a prompt leaves no position for a new token
   */
  public static DecodingLoop start(
      LookaheadModel model,
      TextConfig config,
      List<Prompt> prompts,
      Function<List<Integer>, String> decoder) {
    return of(TextStart.of(model, config, prompts), config, prompts, decoder);
  }

  /**
   * Goes on from a start.
   *
   * @param start one row a prompt, with room for {@link #capacity}; closed with the loop, or at
   *     once if there can be none
   * @param prompts whole prompts
   */
  public static DecodingLoop of(
      TextStart start,
      TextConfig config,
      List<Prompt> prompts,
      Function<List<Integer>, String> decoder) {
    try {
      return new DecodingLoop(config, List.copyOf(prompts), start, decoder);
    } catch (RuntimeException | Error e) {
      start.close();
      throw e;
    }
  }

  /** Positions of the longest row; the last token of a text is never appended. */
  public static int capacity(TextConfig config, List<Prompt> prompts) {
    int capacity = 0;
    for (Prompt prompt : prompts) {
      int start = length(config, prompt);
      int room = room(config, prompt);
      requireRoom(config, start);
      capacity = Math.max(capacity, start + Math.min(prompt.options().maxNewTokens(), room) - 1);
    }
    return capacity;
  }

  /**
   * A text needs a position behind image and prompt.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static void requireRoom(TextConfig config, int start) {
    if (start >= config.maxPositions()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "image and prompt (at least %d tokens) must leave room within %d positions",
              start,
              config.maxPositions()));
    }
  }

  private static int length(TextConfig config, Prompt prompt) {
    int features = prompt.features().length / config.hiddenSize();
    return config.promptPositions(features, prompt.tokens().length);
  }

  private static int room(TextConfig config, Prompt prompt) {
    return config.maxPositions() - length(config, prompt);
  }

  /** Texts of each request, in the caller's order; partly written ones while it goes on. */
  public List<List<Sequence>> results() {
    return searches.stream().map(Search::results).toList();
  }

  /** Its call has waited so many nanoseconds for others before; they count as the texts' time. */
  public void waited(long nanos) {
    started -= nanos;
  }

  /** From any thread: no token is computed after the one under way. */
  public void cancel() {
    cancelled = true;
  }

  /**
   * Computes the next token of every text that is not done, perhaps in a step that other loops take
   * part in; what was waited for them counts as a text's time.
   *
   * @return whether any text goes on
   * @throws InferenceException if the engine fails or gives no number
   */
  public boolean step() {
    try {
      boolean more = stepped();
      if (!more) {
        session.rest();
      }
      return more;
    } catch (RuntimeException | Error e) {
      failed = true;
      throw e;
    }
  }

  /** Whether a step has failed: the session may only be closed. */
  public boolean failed() {
    return failed;
  }

  private boolean stepped() {
    if (stopIfAsked(false) || rowCount() == 0) {
      return false;
    }
    int vocabulary = config.vocabularySize();
    int needed = Math.multiplyExact(rowCount(), vocabulary);
    if (logits.length < needed) {
      logits = new float[needed];
    }
    while (!(begun ? goOn() : begin())) { // waited too long for others
      if (stopIfAsked(true)) {
        return false;
      }
    }
    advance();
    return !stopIfAsked(false) && rowCount() > 0;
  }

  private boolean goOn() {
    reorder();
    int[][] last = Arrays.stream(tokens).mapToObj(t -> new int[] {t}).toArray(int[][]::new);
    return append(new float[0], last);
  }

  private int rowCount() {
    return Arrays.stream(rows).sum();
  }

  private boolean begin() {
    if (start.logits().length > 0) {
      start.finish(logits);
      begun = true;
    } else {
      begun = append(start.features(), start.tokens());
    }
    return begun;
  }

  private boolean append(float[] features, int[][] ids) {
    return session.append(new LookaheadSession.Given(features, ids, logits), foresight(), patience);
  }

  /** Before the first token all must be out of time, afterwards any: the others then go on. */
  private final class Waits implements Patience {
    @Override
    public boolean ends() {
      return isCancelled() || left() <= 0;
    }

    @Override
    public long left() {
      LongStream left =
          IntStream.range(0, rows.length).filter(i -> rows[i] > 0).mapToLong(i -> leftOf(i));
      return (begun ? left.min() : left.max()).orElse(Long.MAX_VALUE);
    }
  }

  private boolean isCancelled() {
    return cancelled || Thread.currentThread().isInterrupted();
  }

  /** Nanoseconds that a request has left. */
  private long leftOf(int request) {
    long spent = System.nanoTime() - started;
    return prompts
        .get(request)
        .options()
        .maxTime()
        .map(most -> nanos(most) - spent)
        .orElse(Long.MAX_VALUE);
  }

  private static long nanos(Duration most) {
    return most.compareTo(FOREVER) < 0 ? most.toNanos() : FOREVER.toNanos();
  }

  private Optional<Foresight> foresight() {
    List<Foresight> parts = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] > 0) {
        Optional<Foresight> part = searches.get(i).foresight(rows[i]);
        if (part.isEmpty()) {
          return part;
        }
        parts.add(part.get());
      }
    }
    return Optional.of(new Foresight.Joined(parts));
  }

  private void reorder() {
    boolean same = parents.length == session.rows();
    for (int i = 0; same && i < parents.length; i++) {
      same = parents[i] == i;
    }
    if (!same) {
      session.select(parents);
      Arrays.setAll(parents, row -> row); // done, should the step have to be tried again
    }
  }

  private void advance() {
    List<Search.Next> nexts = new ArrayList<>();
    List<Integer> starts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < rows.length; i++) {
      nexts.add(rows[i] == 0 ? Search.Next.NONE : searches.get(i).advance(rowsOf(start, rows[i])));
      starts.add(start);
      start += rows[i];
      rows[i] = nexts.get(i).rows();
    }
    parents = new int[rowCount()];
    tokens = new int[parents.length];
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int row = 0; row < rows[i]; row++) {
        parents[at] = starts.get(i) + nexts.get(i).parents()[row];
        tokens[at++] = nexts.get(i).tokens()[row];
      }
    }
  }

  /** Logits of rows, for a search to change; the arrays serve again at the next one. */
  private float[][] rowsOf(int start, int count) {
    int vocabulary = config.vocabularySize();
    float[][] own = new float[count][];
    for (int row = 0; row < count; row++) {
      if (copies.size() == row) {
        copies.add(new float[vocabulary]);
      }
      own[row] = copies.get(row);
      System.arraycopy(logits, (start + row) * vocabulary, own[row], 0, vocabulary);
    }
    return own;
  }

  /**
   * Ends texts that were cancelled or are out of time; gives whether all were ended. An interrupt
   * of the thread cancels all, and is kept.
   *
   * @param waited whether time has run out while waiting; else a text gets its first token
   */
  private boolean stopIfAsked(boolean waited) {
    boolean all = isCancelled();
    boolean dropped = false;
    for (int i = 0; i < rows.length; i++) {
      boolean late = (begun || waited) && leftOf(i) <= 0;
      if (rows[i] > 0 && (all || late)) {
        searches.get(i).stop(all ? FinishReason.CANCELLED : FinishReason.DEADLINE);
        drop(i);
        dropped = true;
      }
    }
    return dropped && rowCount() == 0;
  }

  /** Takes a request's rows out of what the next step continues. */
  private void drop(int index) {
    int from = Arrays.stream(rows, 0, index).sum();
    int to = from + rows[index];
    rows[index] = 0;
    if (tokens.length > 0) {
      parents = without(parents, from, to);
      tokens = without(tokens, from, to);
    }
  }

  private static int[] without(int[] values, int from, int to) {
    int[] kept = new int[values.length - (to - from)];
    System.arraycopy(values, 0, kept, 0, from);
    System.arraycopy(values, to, kept, from, values.length - to);
    return kept;
  }

  @Override
  public void close() {
    start.close();
  }
}
