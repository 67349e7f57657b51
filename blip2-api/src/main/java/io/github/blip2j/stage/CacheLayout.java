package io.github.blip2j.stage;

/**
 * Keys and values that a stage keeps or looks at, one pair of tensors (B, S, heads · width) a
 * layer. How they lie in memory is the backend's business.
 *
 * @param layers number of pairs; 0 for none
 * @param heads key/value heads; with grouped queries fewer than the query heads
 * @param width of a head
 */
public record CacheLayout(int layers, int heads, int width) {
  /** No keys and values. */
  public static final CacheLayout NONE = new CacheLayout(0, 0, 0);

  /**
   * Whether there are any keys and values.
   *
   * @return false for {@link #NONE}
   */
  public boolean exists() {
    return layers > 0;
  }

  /**
   * Size of one row's keys and values.
   *
   * @param positions length of the row
   * @return bytes in float32
   */
  public long bytes(int positions) {
    return 2L * Float.BYTES * layers * heads * width * positions;
  }
}
