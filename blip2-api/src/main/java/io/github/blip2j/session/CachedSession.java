package io.github.blip2j.session;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.internal.values.ExclusiveUse;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
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
  private EncoderMemory.Rows memoryRows = EncoderMemory.Rows.of(1);

  /**
   * Opens.
   *
   * @param program what the sessions of this model run
   * @param lengths of the rows
   * @param cache is owned, and closed at once if the model has been
   * @param sessions the model's count
   * @throws IllegalStateException if the model has been closed
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

  /**
   * Runs the encoder over image features and prompts.
   *
   * @param prompts the rows' prompts, as a step of empty rows
   * @param features (P,F,d) in front of them
   * @return what it read, which the session then owns
   */
  protected abstract M read(StepPlan prompts, float[] features);

  /**
   * Runs a step of the decoder, which writes the cache in place.
   *
   * @param step the rows' new positions
   * @param features (B,F,d) in front of the tokens, or none
   * @param tokens ids of each row
   * @param logits receives (L,V), after each of the step's L last rows
   */
  protected abstract void run(StepPlan step, float[] features, int[][] tokens, float[] logits);

  /** Runs a step of the decoder as {@link CachedSession#run} does, perhaps with other weights. */
  @FunctionalInterface
  protected interface Runner {
    /**
     * Runs it.
     *
     * @param step the rows' new positions
     * @param features (B,F,d) in front of the tokens, or none
     * @param tokens ids of each row
     * @param logits receives (L,V)
     */
    void run(StepPlan step, float[] features, int[][] tokens, float[] logits);
  }

  /** Runs a step and then further ones, in which each row is appended the token that is chosen. */
  @FunctionalInterface
  protected interface LoopRunner {
    /**
     * Runs them.
     *
     * @param step the rows' new positions
     * @param given what is appended by the first step
     * @param further how many more, and how tokens are chosen
     * @param logits receives (1+N,B,V)
     * @return (N,B), what was appended in the further steps that were taken
     */
    int[][] run(StepPlan step, Given given, FurtherSteps further, float[] logits);
  }

  /**
   * A copy of the cache whose row i has the first positions of row {@code rows[i]}.
   *
   * @param rows to copy, as often as each is named
   * @param forked how long each copy is, and the capacity it has
   * @return a cache that the caller owns
   */
  protected abstract C copied(int[] rows, Lengths forked);

  /**
   * Copies the first positions of a row of another cache over those of one of this cache.
   *
   * @param from a cache of the same model, perhaps of another capacity
   * @param row of it
   * @param to row of this session's cache
   * @param positions how many
   */
  protected abstract void copyRow(C from, int row, int to, int positions);

  /**
   * A memory of its own with some prompts of two.
   *
   * @param prompts which
   * @return what the caller owns
   */
  protected abstract M joined(EncoderMemory.Joint<M> prompts);

  /**
   * What the sessions of this model run.
   *
   * @return the program
   */
  protected final LanguageProgram program() {
    return program;
  }

  /**
   * The language model's settings.
   *
   * @return those of {@link #program}
   */
  protected final TextConfig config() {
    return program.config();
  }

  /**
   * How long each row is. Advances when a step has run.
   *
   * @return the lengths, for the thread that uses the session
   */
  protected final Lengths lengths() {
    return lengths;
  }

  /**
   * The cache of keys and values.
   *
   * @return owned by the session
   */
  protected final C cache() {
    return cache;
  }

  /**
   * The count that this session is part of.
   *
   * @return the model's
   */
  protected final SessionCount sessions() {
    return sessions;
  }

  /**
   * What the encoder read.
   *
   * @return null of a decoder alone, and before the first step
   */
  protected final @Nullable M memory() {
    return memory;
  }

  /**
   * Which prompt of the memory each row looks at.
   *
   * @return a place for each row of the session
   */
  protected final EncoderMemory.Rows memoryRows() {
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
      take(step, given.features(), given.tokens(), logits, this::run);
    } finally {
      use.leave();
    }
  }

  /**
   * What is appended.
   *
   * @param features (B,F,d) in front of the tokens, or none
   * @param tokens ids of each row
   */
  @SuppressWarnings("ArrayRecordComponent") // lent to one call, not compared
  public record Given(float[] features, int[][] tokens) {}

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
    appendEach(tokens, logits, this::run);
  }

  /**
   * Appends to the only row, with whatever weights, and gives the logits after each token.
   *
   * @param tokens ids to append
   * @param logits receives (T,V)
   * @param runner runs the step
   */
  protected final void appendEach(int[] tokens, float[] logits, Runner runner) {
    int[][] row = {tokens};
    use.enter();
    try {
      take(lengths.planEach(row, logits.length), new float[0], row, logits, runner);
    } finally {
      use.leave();
    }
  }

  /**
   * Appends, and takes further steps in the same call.
   *
   * @param asked what the first step appends
   * @param further how many more, and how each row's tokens are chosen
   * @param logits receives (1+N,B,V)
   * @param runner runs them
   * @return (N,B), what was appended in the further steps that were taken
   * @throws IllegalArgumentException if a size does not fit, or rows would be of unequal length
   */
  protected final int[][] appendAhead(
      Given asked, FurtherSteps further, float[] logits, LoopRunner runner) {
    use.enter();
    try {
      requireChoices(further);
      Given given = given(asked.features(), asked.tokens());
      StepPlan step =
          lengths.planAhead(given.features().length, given.tokens(), further.most(), logits.length);
      encode(asked.features(), asked.tokens(), logits);
      int[][] appended = runner.run(step, given, further, logits);
      lengths.advance(step);
      lengths.advance(appended.length);
      return appended;
    } finally {
      use.leave();
    }
  }

  private void requireChoices(FurtherSteps further) {
    if (further.choices().size() != rows()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected choices of %d rows, found %d",
              rows(),
              further.choices().size()));
    }
  }

  private void take(
      StepPlan step, float[] features, int[][] tokens, float[] logits, Runner runner) {
    runner.run(step, features, tokens, logits);
    lengths.advance(step);
  }

  private void replaceMemory(@Nullable M read) {
    if (memory != null) {
      memory.close();
    }
    memory = read;
    memoryRows = EncoderMemory.Rows.of(rows());
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

  /**
   * What {@link #fork} is for a backend.
   *
   * @param rows to copy
   * @param capacity of the copy, in positions
   * @param <S> the backend's sessions
   * @return the copy, which looks at the same encoder memory
   * @param over makes a session of lengths, and of a cache that it then owns
   */
  protected final <S extends CachedSession<C, M>> S fork(
      int[] rows, int capacity, BiFunction<Lengths, C, S> over) {
    use.enter();
    try {
      Lengths forked = lengths.fork(rows, capacity);
      S fork = over.apply(forked, copied(rows, forked));
      if (memory != null) {
        memory.share();
        CachedSession<C, M> reader = fork;
        reader.share(memory, memoryRows.select(rows));
      }
      return fork;
    } finally {
      use.leave();
    }
  }

  private void share(M shared, EncoderMemory.Rows rows) {
    memory = shared;
    memoryRows = rows;
  }

  @Override
  public final void adopt(LanguageSession other, int[] rows) {
    CachedSession<C, M> source = ofThisModel(other);
    use.enter();
    try {
      source.use.enter();
      try {
        take(source, rows);
      } finally {
        source.use.leave();
      }
    } finally {
      use.leave();
    }
  }

  @SuppressWarnings("unchecked") // all sessions that one model counts are of one kind
  private CachedSession<C, M> ofThisModel(LanguageSession other) {
    if (other == this || !(other instanceof CachedSession<?, ?> it) || it.sessions != sessions) {
      throw new IllegalArgumentException(
          "adopt: expected another session of the same model, found "
              + (other == this ? "this one" : "one of another model"));
    }
    return (CachedSession<C, M>) it;
  }

  private void take(CachedSession<C, M> source, int[] rows) {
    lengths.requireRoom(source.lengths, rows);
    M own = memory;
    M others = source.memory;
    if (config().encoderDecoder() && (own == null || others == null)) {
      throw new IllegalArgumentException(
          "adopt: expected sessions whose encoders have read, found one that has not begun");
    }
    int first = rows();
    cache.reserve(first + rows.length);
    if (own != null && others != null) {
      EncoderMemory.Rows behind = source.memoryRows.select(rows);
      EncoderMemory.Rows all = memoryRows.join(behind);
      M joint = joined(new EncoderMemory.Joint<>(own, memoryRows.used(), others, behind.used()));
      own.close();
      memory = joint;
      memoryRows = all;
    }
    for (int i = 0; i < rows.length; i++) {
      copyRow(source.cache, rows[i], first + i, source.length(rows[i]));
    }
    lengths.adopt(source.lengths, rows);
    cache.rows(rows());
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
