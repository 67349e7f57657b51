package io.github.blip2j.stage;

/**
 * How attention is divided.
 *
 * @param count H, heads of the queries
 * @param keyValues G, heads of the keys and values; divides {@code count}
 * @param scale factor of the scores, d^-0.5 unless a model says otherwise
 */
public record Heads(int count, int keyValues, double scale) {
  /** Checks the numbers. */
  public Heads {
    if (count < 1 || keyValues < 1 || count % keyValues != 0) {
      throw new IllegalArgumentException(
          "key/value heads (" + keyValues + ") must divide heads (" + count + ")");
    }
  }

  /**
   * As many for keys and values as for queries.
   *
   * @param count H
   * @param scale factor of the scores
   * @return the heads
   */
  public static Heads of(int count, double scale) {
    return new Heads(count, count, scale);
  }
}
