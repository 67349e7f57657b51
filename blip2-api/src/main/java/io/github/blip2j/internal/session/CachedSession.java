package io.github.blip2j.internal.session;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.spi.FurtherSteps;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What sessions of every backend share: how long their rows are, the order of what is read and
 * written, which encoder memory they look at, that a second thread and a closed session are
 * refused, and that closing waits for a call under way. A backend adds its cache and how a step is
 * run.
 *
 * @param <C> the cache of keys and values, owned
 * @param <M> what an encoder read, shared with forks
 */
public abstract class CachedSession<C extends RowStore, M extends EncoderMemory>
    implements LanguageSession {
  private final LanguageProgram program;
  private final Lengths lengths;
  private final C cache;
  private final SessionCount sessions;
  private final SessionCount.Lease lease;
  private final ExclusiveUse use = new ExclusiveUse("this session", this::release);
  private @Nullable M memory;
  private MemoryRows memoryRows = MemoryRows.of(1);

  /**
   * Opens.
   *
   * @param cache is closed if the model has been
   */
  protected CachedSession(
      LanguageProgram program, Lengths lengths, C cache, SessionCount sessions) {
    this.program = program;
    this.lengths = lengths;
    this.cache = cache;
    this.sessions = sessions;
    try {
      lease = sessions.open();
    } catch (RuntimeException | Error e) {
      cache.close();
      throw e;
    }
  }

  /** Runs the encoder over image features and prompts. */
  protected abstract M read(StepPlan prompts, float[] features);

  /**
   * Runs a step of the decoder, which writes the cache in place.
   *
   * @param features (B,F,d) in front of the tokens, or none
   * @param tokens ids of each row
   * @param logits receives (L,V), after each of the step's L last rows
   * @param guessing whether the draft's weights are used
   */
  protected abstract void run(
      StepPlan step, float[] features, int[][] tokens, float[] logits, boolean guessing);

  /**
   * Runs a step and then further ones, in which each row is appended the token that is chosen.
   *
   * @param logits receives (1+N,B,V)
   * @return (N,B), what was appended in the further steps that were taken
   */
  protected int[][] runAhead(
      StepPlan step, float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    throw new IllegalStateException("requireAhead has refused it");
  }

  /**
   * Called before anything of {@link #appendAhead} is done.
   *
   * @throws UnsupportedOperationException if the model takes one step at a time
   */
  protected void requireAhead() {
    throw new UnsupportedOperationException("this backend takes one step at a time");
  }

  /** A copy of the cache whose row i has the first positions of row {@code rows[i]}. */
  protected abstract C copied(int[] rows, Lengths forked);

  /** A session over a cache that it owns. */
  protected abstract CachedSession<C, M> over(Lengths forked, C copy);

  protected final LanguageProgram program() {
    return program;
  }

  protected final TextConfig config() {
    return program.config();
  }

  protected final Lengths lengths() {
    return lengths;
  }

  protected final C cache() {
    return cache;
  }

  protected final SessionCount sessions() {
    return sessions;
  }

  /** What the encoder read; none of a decoder alone. */
  protected final @Nullable M memory() {
    return memory;
  }

  /** Which prompt of the memory each row looks at. */
  protected final MemoryRows memoryRows() {
    return memoryRows;
  }

  @Override
  public final int rows() {
    return lengths.rows();
  }

  @Override
  public final int length(int row) {
    return lengths.length(row);
  }

  @Override
  public final void append(float[] features, int[][] tokens, float[] logits) {
    use.enter();
    try {
      Given given = given(features, tokens);
      StepPlan step = lengths.plan(given.features().length, given.tokens(), logits.length);
      encode(features, tokens, logits);
      take(step, given.features(), given.tokens(), logits, false);
    } finally {
      use.leave();
    }
  }

  /** What is appended to the decoder's own rows. */
  private record Given(float[] features, int[][] tokens) {}

  /** The same as to the session, but behind an encoder that is still to read: start tokens. */
  private Given given(float[] features, int[][] tokens) {
    if (!isToRead()) {
      return new Given(features, tokens);
    }
    int[][] starts = new int[rows()][];
    Arrays.fill(starts, new int[] {config().decoderStartToken()});
    return new Given(new float[0], starts);
  }

  /** Whether there is an encoder that has still to read. */
  private boolean isToRead() {
    return config().encoderDecoder() && lengths.longest() == 0;
  }

  /** Lets an encoder that is still to read do so. */
  private void encode(float[] features, int[][] tokens, float[] logits) {
    if (isToRead()) {
      replaceMemory(read(lengths.encoding(features.length, tokens, logits.length), features));
    }
  }

  @Override
  public final void appendEach(int[] tokens, float[] logits) {
    appendOneRow(new int[][] {tokens}, logits, false);
  }

  @Override
  public final void guess(int token, float[] logits) {
    appendOneRow(new int[][] {{token}}, logits, true);
  }

  private void appendOneRow(int[][] row, float[] logits, boolean guessing) {
    use.enter();
    try {
      take(lengths.planEach(row, logits.length), new float[0], row, logits, guessing);
    } finally {
      use.leave();
    }
  }

  @Override
  public final int[][] appendAhead(
      float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    use.enter();
    try {
      return appendedAhead(features, tokens, further, logits);
    } finally {
      use.leave();
    }
  }

  private int[][] appendedAhead(
      float[] features, int[][] tokens, FurtherSteps further, float[] logits) {
    requireAhead();
    if (further.choices().size() != rows()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected choices of %d rows, found %d",
              rows(),
              further.choices().size()));
    }
    Given given = given(features, tokens);
    StepPlan step =
        lengths.planAhead(given.features().length, given.tokens(), further.most(), logits.length);
    encode(features, tokens, logits);
    int[][] appended = runAhead(step, given.features(), given.tokens(), further, logits);
    lengths.advance(step);
    lengths.advance(appended.length);
    return appended;
  }

  private void take(
      StepPlan step, float[] features, int[][] tokens, float[] logits, boolean guessing) {
    run(step, features, tokens, logits, guessing);
    lengths.advance(step);
  }

  private void replaceMemory(@Nullable M read) {
    if (memory != null) {
      memory.close();
    }
    memory = read;
    memoryRows = MemoryRows.of(rows());
  }

  @Override
  public final void select(int[] rows) {
    use.enter();
    try {
      lengths.select(rows, cache);
      memoryRows = memory == null ? memoryRows : memoryRows.select(rows);
    } finally {
      use.leave();
    }
  }

  @Override
  public final void truncate(int length) {
    use.enter();
    try {
      lengths.truncate(length);
    } finally {
      use.leave();
    }
  }

  @Override
  public final LanguageSession fork(int[] rows, int capacity) {
    use.enter();
    try {
      Lengths forked = lengths.fork(rows, capacity);
      CachedSession<C, M> fork = over(forked, copied(rows, forked));
      if (memory != null) {
        memory.share();
        fork.share(memory, memoryRows.select(rows));
      }
      return fork;
    } finally {
      use.leave();
    }
  }

  private void share(M shared, MemoryRows rows) {
    memory = shared;
    memoryRows = rows;
  }

  @Override
  public final void close() {
    use.close();
  }

  /** Whatever fails, the session is no longer counted. */
  private void release() {
    try (SessionCount.Lease last = lease;
        C second = cache) {
      assert last != null && second != null; // closed in the opposite order
      replaceMemory(null);
    }
  }
}
