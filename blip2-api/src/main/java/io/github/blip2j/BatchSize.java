package io.github.blip2j;

import io.github.blip2j.checkpoint.ModelConfig;
import java.util.List;

/** How many requests are computed together: as many as a bound on their caches allows. */
final class BatchSize {
  private static final long CACHE_BYTES = 1L << 30;
  private static final int MOST_ROWS = 64;
  private static final int MOST_PICTURES = 8;

  private final ModelConfig config;

  BatchSize(ModelConfig config) {
    this.config = config;
  }

  /** Rows of so many positions that are computed together; at least one. */
  int rows(int positions) {
    return (int)
        Math.max(1, Math.min(MOST_ROWS, CACHE_BYTES / config.text().cacheBytes(positions)));
  }

  /**
   * Requests from the start of the list that go into the next batch; at least one. The longest sets
   * the length of every row's cache.
   *
   * @param promptLengths tokens of each request's prompt
   */
  int fitting(List<GenerationRequest> requests, List<int[]> promptLengths) {
    long rows = 0;
    long longest = 0;
    int count = 0;
    for (GenerationRequest request : requests) {
      GenerationOptions options = request.options();
      long length =
          (long) config.qformer().queries()
              + promptLengths.get(count).length
              + options.maxNewTokens();
      longest = Math.max(longest, Math.min(length, config.text().maxPositions()));
      rows += Math.max(options.numBeams(), options.numReturnSequences());
      boolean fits =
          rows <= MOST_ROWS && rows * config.text().cacheBytes((int) longest) <= CACHE_BYTES;
      if (count > 0 && (!fits || count == MOST_PICTURES)) {
        break;
      }
      count++;
    }
    return count;
  }
}
