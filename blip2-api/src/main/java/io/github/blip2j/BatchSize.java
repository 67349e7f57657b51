package io.github.blip2j;

import io.github.blip2j.checkpoint.TextConfig;
import java.util.List;

/** How many requests are computed together: as many rows as a bound on their caches allows. */
final class BatchSize {
  private static final long CACHE_BYTES = 1L << 30;
  private static final int MOST_ROWS = 64;
  private static final int MOST_PICTURES = 8;

  private final TextConfig config;

  BatchSize(TextConfig config) {
    this.config = config;
  }

  /** Requests from the start of the list that go into the next batch; at least one. */
  int fitting(List<GenerationRequest> requests) {
    long row = config.cacheBytes(Math.min(config.maxPositions(), 256));
    long most = Math.max(1, Math.min(MOST_ROWS, CACHE_BYTES / row));
    long rows = 0;
    int count = 0;
    for (GenerationRequest request : requests) {
      GenerationOptions options = request.options();
      rows += Math.max(options.numBeams(), options.numReturnSequences());
      if (count > 0 && (rows > most || count == MOST_PICTURES)) {
        break;
      }
      count++;
    }
    return count;
  }
}
