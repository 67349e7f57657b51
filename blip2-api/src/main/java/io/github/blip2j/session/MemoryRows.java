package io.github.blip2j.session;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which of the prompts that an encoder read each row of a session belongs to. What it read is never
 * copied for a row: a step's queries are laid out by prompt, every prompt with as many as the one
 * with the most rows. Immutable.
 *
 * @param prompts number P of prompts that the encoder read
 * @param prompt of each row
 */
public record MemoryRows(int prompts, int[] prompt) {

  /**
   * One row a prompt.
   *
   * @param prompts number P of prompts
   * @return row i looks at prompt i
   */
  public static MemoryRows of(int prompts) {
    int[] each = new int[prompts];
    Arrays.setAll(each, i -> i);
    return new MemoryRows(prompts, each);
  }

  /**
   * Row i becomes what row {@code rows[i]} was.
   *
   * @param rows sources of the new rows
   * @return the new rows
   */
  public MemoryRows select(int[] rows) {
    return new MemoryRows(prompts, Arrays.stream(rows).map(r -> prompt[r]).toArray());
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
  public MemoryRows join(MemoryRows behind) {
    int[] own = used();
    int[] other = behind.used();
    IntStream first = Arrays.stream(prompt).map(p -> Arrays.binarySearch(own, p));
    IntStream second =
        Arrays.stream(behind.prompt).map(p -> own.length + Arrays.binarySearch(other, p));
    return new MemoryRows(own.length + other.length, IntStream.concat(first, second).toArray());
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
