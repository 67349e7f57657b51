package io.github.blip2j.session;

import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * What an encoder read: keys and values of each decoder block, as a backend holds them. Never
 * written again; shared by a session and its forks, and freed when the last of them closes. Safe
 * for many threads.
 */
public abstract class EncoderMemory implements AutoCloseable {
  private static final float HIDDEN = -1e9f;

  private final int[] lengths; // (P)
  private final int span;
  private final AtomicInteger users = new AtomicInteger(1);

  /**
   * Of a step that an encoder takes.
   *
   * @param read the prompts, as a step of empty rows
   */
  protected EncoderMemory(StepPlan read) {
    this.lengths = read.sequenceLengths();
    this.span = read.span();
  }

  /**
   * Of some prompts of two memories.
   *
   * @param joint which
   */
  protected EncoderMemory(Joint<?> joint) {
    this.lengths = joint.lengths();
    this.span = joint.span();
  }

  /**
   * Some prompts of one memory and, behind them, some of another.
   *
   * @param <M> a backend's memory
   * @param own the one
   * @param kept its prompts
   * @param other the other
   * @param added its prompts
   */
  @SuppressWarnings("ArrayRecordComponent") // lent to one call, not compared
  public record Joint<M extends EncoderMemory>(M own, int[] kept, M other, int[] added) {
    /**
     * Length of the longest prompt.
     *
     * @return positions, image included
     */
    public int span() {
      return Arrays.stream(lengths()).max().orElse(0);
    }

    /** Real positions of each prompt, in order. */
    int[] lengths() {
      return IntStream.concat(
              Arrays.stream(kept).map(p -> own.lengths()[p]),
              Arrays.stream(added).map(p -> other.lengths()[p]))
          .toArray();
    }
  }

  /**
   * Number P of prompts that were read.
   *
   * @return at least 1
   */
  public int prompts() {
    return lengths.length;
  }

  /**
   * S, length of the longest prompt, image features included.
   *
   * @return in positions
   */
  public int span() {
    return span;
  }

  /**
   * Real positions of each prompt.
   *
   * @return (P), not to be changed
   */
  public int[] lengths() {
    return lengths;
  }

  /**
   * Which positions a step's queries, laid out by prompt, do not see.
   *
   * @param queries of each prompt
   * @return (P,1,queries,S), to be added to attention scores
   */
  public float[] bias(int queries) {
    float[] bias = new float[lengths.length * queries * span];
    for (int row = 0; row < lengths.length * queries; row++) {
      Arrays.fill(bias, row * span + lengths[row / queries], (row + 1) * span, HIDDEN);
    }
    return bias;
  }

  /** A fork uses it too. */
  void share() {
    users.incrementAndGet();
  }

  /** The last user has closed it. */
  protected abstract void free();

  /** One user no longer needs it; the last one frees it. */
  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      free();
    }
  }

  /**
   * Which of the prompts that an encoder read each row of a session belongs to. What it read is
   * never copied for a row: a step's queries are laid out by prompt, every prompt with as many as
   * the one with the most rows. Immutable.
   *
   * @param prompts number P of prompts that the encoder read
   * @param prompt of each row
   */
  public record Rows(int prompts, int[] prompt) {

    /**
     * One row a prompt.
     *
     * @param prompts number P of prompts
     * @return row i looks at prompt i
     */
    public static Rows of(int prompts) {
      int[] each = new int[prompts];
      Arrays.setAll(each, i -> i);
      return new Rows(prompts, each);
    }

    /**
     * Row i becomes what row {@code rows[i]} was.
     *
     * @param rows sources of the new rows
     * @return the new rows
     */
    public Rows select(int[] rows) {
      return new Rows(prompts, Arrays.stream(rows).map(r -> prompt[r]).toArray());
    }

    /**
     * The prompts that rows belong to.
     *
     * @return each once, in rising order
     */
    public int[] used() {
      return Arrays.stream(prompt).distinct().sorted().toArray();
    }

    /**
     * These rows and others behind them, when the used prompts of both are what there is.
     *
     * @param behind rows of another memory
     * @return rows of the joint memory, whose prompts are those that these use and then those that
     *     the others use
     */
    public Rows join(Rows behind) {
      int[] own = used();
      int[] other = behind.used();
      IntStream first = Arrays.stream(prompt).map(p -> Arrays.binarySearch(own, p));
      IntStream second =
          Arrays.stream(behind.prompt).map(p -> own.length + Arrays.binarySearch(other, p));
      return new Rows(own.length + other.length, IntStream.concat(first, second).toArray());
    }

    /**
     * How a step's rows are laid out by prompt.
     *
     * @param rows (P·R) row of each place; those that are left over name row 0
     * @param places (B) place of each row
     */
    public record Layout(long[] rows, long[] places) {}

    /**
     * Rows by prompt.
     *
     * @return where each row's queries go, and where each row's results come from
     */
    public Layout layout() {
      int[] count = new int[prompts];
      int most = 1;
      for (int p : prompt) {
        most = Math.max(most, ++count[p]);
      }
      Arrays.fill(count, 0);
      long[] rows = new long[prompts * most];
      long[] places = new long[prompt.length];
      for (int row = 0; row < prompt.length; row++) {
        int place = prompt[row] * most + count[prompt[row]]++;
        rows[place] = row;
        places[row] = place;
      }
      return new Layout(rows, places);
    }
  }
}
