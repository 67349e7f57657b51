package io.github.blip2j.session;

import io.github.blip2j.family.TextConfig;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * How long each row of a session is, and what a step over new vectors looks like: rows of unequal
 * length are padded at their end, and what the padding wrote is overwritten by the tokens that
 * follow. For one thread.
 */
public final class Lengths {
  private final TextConfig config;
  private final int capacity;
  private int[] lengths;
  private long[][] origins; // of each position of each row: equal where rows were once one
  private long steps;

  /**
   * Empty rows.
   *
   * @param config the language model's
   * @param rows at least 1
   * @param capacity in positions, 1 to {@link TextConfig#maxPositions}
   * @throws IllegalArgumentException if rows or capacity are out of range
   */
  public Lengths(TextConfig config, int rows, int capacity) {
    this(
        config,
        checkedCapacity(config, capacity),
        new int[checkedRows(rows)],
        new long[rows][capacity]);
  }

  private static int checkedCapacity(TextConfig config, int capacity) {
    if (capacity < 1 || capacity > config.maxPositions()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "capacity (%d) must be 1 to %d", capacity, config.maxPositions()));
    }
    return capacity;
  }

  private Lengths(TextConfig config, int capacity, int[] lengths, long[][] origins) {
    this.config = config;
    this.capacity = capacity;
    this.lengths = lengths;
    this.origins = origins;
  }

  private static int checkedRows(int rows) {
    if (rows < 1) {
      throw new IllegalArgumentException("rows (" + rows + ") must be at least 1");
    }
    return rows;
  }

  /**
   * Some rows for a forked session.
   *
   * @param rows of these, each as often as it is named
   * @param room capacity of the fork, in positions
   * @return lengths of the fork's rows
   * @throws IllegalArgumentException if an index or the capacity is out of range
   */
  public Lengths fork(int[] rows, int room) {
    checkRows(rows);
    Lengths fork = new Lengths(config, rows.length, room);
    for (int i = 0; i < rows.length; i++) {
      requireRoom(this, rows[i], room);
      int length = lengths[rows[i]];
      fork.lengths[i] = length;
      System.arraycopy(origins[rows[i]], 0, fork.origins[i], 0, length);
    }
    fork.steps = steps;
    return fork;
  }

  /**
   * Adds another session's rows behind these.
   *
   * @param other lengths of the rows that are added
   * @param rows indices of them
   * @throws IllegalArgumentException if an index is out of range or a row does not fit; nothing has
   *     changed then
   */
  public void adopt(Lengths other, int[] rows) {
    requireRoom(other, rows);
    int first = lengths.length;
    lengths = Arrays.copyOf(lengths, first + rows.length);
    origins = Arrays.copyOf(origins, first + rows.length);
    for (int i = 0; i < rows.length; i++) {
      int length = other.lengths[rows[i]];
      lengths[first + i] = length;
      origins[first + i] = new long[capacity];
      for (int at = 0; at < length; at++) {
        origins[first + i][at] = steps + other.origins[rows[i]][at]; // like no step of these rows
      }
    }
    steps += other.steps;
  }

  /**
   * Whether these rows can be adopted.
   *
   * @param other lengths of the rows that would be added
   * @param rows indices of them
   * @throws IllegalArgumentException if an index is out of range or a row does not fit
   */
  public void requireRoom(Lengths other, int[] rows) {
    other.checkRows(rows);
    for (int row : rows) {
      requireRoom(other, row, capacity);
    }
  }

  private static void requireRoom(Lengths of, int row, int room) {
    if (of.lengths[row] > room) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "capacity (%d) must be at least the %d positions of row %d",
              room,
              of.lengths[row],
              row));
    }
  }

  private void checkRows(int[] rows) {
    checkedRows(rows.length);
    for (int row : rows) {
      if (row < 0 || row >= lengths.length) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "row (%d) must be 0 to %d", row, lengths.length - 1));
      }
    }
  }

  /**
   * How many rows there are.
   *
   * @return at least 1
   */
  public int rows() {
    return lengths.length;
  }

  /**
   * How long a row can become.
   *
   * @return in positions
   */
  public int capacity() {
    return capacity;
  }

  /**
   * How long a row is.
   *
   * @param row from 0
   * @return in positions
   */
  public int length(int row) {
    return lengths[row];
  }

  /**
   * Length of the longest row.
   *
   * @return in positions
   */
  public int longest() {
    return Arrays.stream(lengths).max().orElse(0);
  }

  /**
   * Every row goes back to at most this length.
   *
   * @param length in positions, at least 0
   * @throws IllegalArgumentException if it is negative
   */
  public void truncate(int length) {
    if (length < 0) {
      throw new IllegalArgumentException("length (" + length + ") must be at least 0");
    }
    lengths = Arrays.stream(lengths).map(l -> Math.min(l, length)).toArray();
  }

  /**
   * Row i becomes what row {@code rows[i]} was. Only rows that change are copied, and of those only
   * the positions in which they differ.
   *
   * @param rows sources of the new rows
   * @param store is told what to copy
   * @throws IllegalArgumentException if an index is out of range
   */
  public void select(int[] rows, RowStore store) {
    checkRows(rows);
    List<RowMoves.Move> moves = RowMoves.plan(rows);
    int aside = Math.max(rows.length, lengths.length);
    boolean ring = moves.stream().anyMatch(m -> m.to() == RowMoves.ASIDE);
    store.reserve(ring ? aside + 1 : rows.length);
    int kept = -1; // the row that lies aside
    for (RowMoves.Move move : moves) {
      if (move.to() == RowMoves.ASIDE) {
        kept = move.from();
        store.copy(kept, aside, 0, lengths[kept]);
        continue;
      }
      int source = move.from() == RowMoves.ASIDE ? kept : move.from();
      int from = move.from() == RowMoves.ASIDE ? aside : source;
      int start = move.to() < lengths.length ? firstDifference(move.to(), source) : 0;
      store.copy(from, move.to(), start, lengths[source]);
    }
    origins = Arrays.stream(rows).mapToObj(r -> origins[r].clone()).toArray(long[][]::new);
    lengths = Arrays.stream(rows).map(r -> lengths[r]).toArray();
    store.rows(rows.length);
  }

  private int firstDifference(int a, int b) {
    int most = Math.min(lengths[a], lengths[b]);
    int at = Arrays.mismatch(origins[a], 0, most, origins[b], 0, most);
    return at < 0 ? most : at;
  }

  /**
   * Plans a step; the lengths change only with {@link #advance}.
   *
   * @param featureFloats length of the array of features
   * @param tokens ids of each row
   * @param logits length of the array that receives the logits
   * @return the step
   * @throws IllegalArgumentException if a size does not fit or a row would outgrow the capacity
   */
  public StepPlan plan(int featureFloats, int[][] tokens, int logits) {
    int features = features(featureFloats, tokens.length);
    int width = Arrays.stream(tokens).mapToInt(t -> t.length).max().orElse(0);
    check(features, width, tokens, logits);
    int span = features + width;
    long[] ids = new long[rows() * width];
    long[] positionIds = new long[rows() * span];
    int[] sequenceLengths = new int[rows()];
    long[] logitRows = new long[rows()];
    for (int row = 0; row < rows(); row++) {
      Arrays.fill(ids, row * width, (row + 1) * width, config.padToken());
      for (int i = 0; i < tokens[row].length; i++) {
        ids[row * width + i] = tokens[row][i];
      }
      for (int i = 0; i < span; i++) {
        positionIds[row * span + i] = Math.min(lengths[row] + i, config.maxPositions() - 1);
      }
      int real = features + tokens[row].length;
      sequenceLengths[row] = lengths[row] + real;
      logitRows[row] = (long) row * span + real - 1;
    }
    boolean uniform =
        Arrays.stream(lengths).distinct().count() == 1
            && Arrays.stream(sequenceLengths).distinct().count() == 1;
    int total = Arrays.stream(sequenceLengths).max().orElse(0);
    return new StepPlan(
        features, width, ids, positionIds, sequenceLengths, logitRows, total, uniform);
  }

  /**
   * Plans a step of one row that has begun, after each vector of which logits are wanted.
   *
   * @param tokens ids of the row
   * @param logits length of the array that receives the logits
   * @return the step
   * @throws IllegalArgumentException if a size does not fit or the row would outgrow the capacity
   */
  public StepPlan planEach(int[][] tokens, int logits) {
    long needed = (long) tokens[0].length * config.vocabularySize();
    if (rows() != 1 || lengths[0] == 0 || logits < needed) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "expected 1 row that has begun and room for %d logits, found %d rows of %d positions and %d",
              needed,
              rows(),
              lengths[0],
              logits));
    }
    StepPlan step = plan(0, tokens, logits);
    long[] all = LongStream.range(0, step.span()).toArray();
    return new StepPlan(
        0,
        step.width(),
        step.ids(),
        step.positionIds(),
        step.sequenceLengths(),
        all,
        step.total(),
        true);
  }

  /**
   * Plans a step with further ones behind it.
   *
   * @param featureFloats length of the array of features
   * @param tokens ids of each row
   * @param further steps, at least 1
   * @param logits length of the array that receives the logits of all steps
   * @return the first of them
   * @throws IllegalArgumentException if a size does not fit, rows would be of unequal length, or
   *     one would outgrow the capacity
   */
  public StepPlan planAhead(int featureFloats, int[][] tokens, int further, int logits) {
    StepPlan step = plan(featureFloats, tokens, logits);
    long needed = (1L + further) * rows() * config.vocabularySize();
    if (further < 1 || !step.uniform() || step.total() + further > capacity || logits < needed) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d further steps: expected at least 1, rows of one length, at most %d positions and room for %d logits, found lengths %s and room for %d",
              further,
              capacity,
              needed,
              Arrays.toString(step.sequenceLengths()),
              logits));
    }
    return step;
  }

  /**
   * What an encoder reads for these rows: like a step of empty rows that are as long as what is
   * read.
   *
   * @param featureFloats length of the array of features
   * @param tokens ids of each prompt
   * @param logits length of the array that receives the logits
   * @return the step
   * @throws IllegalArgumentException if a size does not fit
   */
  public StepPlan encoding(int featureFloats, int[][] tokens, int logits) {
    int width = Arrays.stream(tokens).mapToInt(t -> t.length).max().orElse(0);
    int longest = featureFloats / config.hiddenSize() / rows() + width;
    if (longest > config.maxPositions()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "image and prompt (%d tokens) must be within %d",
              longest,
              config.maxPositions()));
    }
    return new Lengths(config, rows(), Math.max(1, longest)).plan(featureFloats, tokens, logits);
  }

  /**
   * Takes a planned step as done.
   *
   * @param step planned by these lengths
   */
  public void advance(StepPlan step) {
    for (int row = 0; row < lengths.length; row++) {
      Arrays.fill(origins[row], lengths[row], step.sequenceLengths()[row], ++steps);
    }
    lengths = step.sequenceLengths();
  }

  /**
   * Every row has so many positions more.
   *
   * @param count of positions
   */
  public void advance(int count) {
    for (int row = 0; row < lengths.length; row++) {
      Arrays.fill(origins[row], lengths[row], lengths[row] + count, ++steps);
    }
    lengths = Arrays.stream(lengths).map(l -> l + count).toArray();
  }

  private int features(int floats, int rows) {
    int row = config.hiddenSize() * rows();
    if (rows != rows() || floats % row != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "append: expected tokens of %d rows and a multiple of %d floats, found %d rows and %d floats",
              rows(),
              row,
              rows,
              floats));
    }
    return floats / row;
  }

  private void check(int features, int width, int[][] tokens, int logits) {
    if (logits < rows() * config.vocabularySize()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "logits: expected room for %d floats, found %d",
              rows() * config.vocabularySize(),
              logits));
    }
    for (int row = 0; row < rows(); row++) {
      if (tokens[row].length < 1) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "row %d: expected at least 1 token, found none", row));
      }
      for (int id : tokens[row]) {
        if (id < 0 || id >= config.vocabularySize()) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "row %d: expected ids below %d, found %d",
                  row,
                  config.vocabularySize(),
                  id));
        }
      }
      if (lengths[row] + features + width > capacity) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "row %d: expected at most %d positions, found %d",
                row,
                capacity,
                lengths[row] + features + width));
      }
    }
  }
}
