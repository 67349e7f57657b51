package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.host.Host;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** How many requests are computed together: as many as a bound on their memory allows. */
final class BatchSize {
  private static final long MOST_BYTES = 1L << 30;
  private static final int MOST_ROWS = 64;
  private static final int MOST_IMAGES = 8;

  /** Matrices (H,S,S) of floats that an encoder has at once: bias, scores and their softmax. */
  private static final int ENCODER_MATRICES = 3;

  /** Arrays (B,V) of floats on the heap in a step: logits, a search's own and its raw ones. */
  private static final int LOGITS = 3;

  /** Bytes on the heap of a token that was written: id, log-probability, alternatives, twice. */
  private static final int TOKEN_BYTES = 128;

  private final ModelConfig config;
  private final int mostRows;

  /**
   * Sizes batches.
   *
   * @param maxRows of a step that texts share, or 0
   */
  BatchSize(ModelConfig config, int maxRows) {
    this.config = config;
    this.mostRows = maxRows == 0 ? MOST_ROWS : Math.min(MOST_ROWS, maxRows);
  }

  /** Rows of so many positions that are computed together; at least one. */
  int rows(int positions) {
    return (int)
        Math.max(1, Math.min(MOST_ROWS, MOST_BYTES / config.text().cache().bytes(positions)));
  }

  /**
   * Requests from the start of the list that go into the next batch; at least one. All have as many
   * image features as the first. The longest sets the length of every row's cache, and of every
   * prompt that an encoder reads.
   */
  int fitting(List<Asked> requests) {
    long rows = 0;
    int longest = 0;
    int longestPrompt = 0;
    int count = 0;
    int features = requests.get(0).features();
    int most = Math.max(1, MOST_IMAGES * config.qformer().queries() / features);
    for (Asked request : requests) {
      longest = Math.max(longest, positions(request.options(), features, request.length()));
      longestPrompt = Math.max(longestPrompt, features + request.length());
      rows += rows(request.options());
      long bytes =
          rows * config.text().cache().bytes(longest) + (count + 1) * encoderBytes(longestPrompt);
      boolean another = request.features() != features || count == most;
      if (count > 0 && (rows > mostRows || bytes > MOST_BYTES || another)) {
        break;
      }
      count++;
    }
    return count;
  }

  private static int rows(GenerationOptions options) {
    return Math.max(options.numBeams(), options.numReturnSequences());
  }

  /** Positions of a request's rows. */
  private int positions(GenerationOptions options, int features, int promptTokens) {
    TextConfig text = config.text();
    long length = (long) text.promptPositions(features, promptTokens) + options.maxNewTokens();
    return (int) Math.min(length, text.maxPositions());
  }

  /**
   * What an encoder takes for one prompt: what it gives to the decoder, and its attention.
   *
   * @param read vectors that it reads
   */
  private long encoderBytes(int read) {
    TextConfig text = config.text();
    if (!text.encoderDecoder()) {
      return 0;
    }
    int span = Math.min(read, text.maxPositions());
    long attention = (long) ENCODER_MATRICES * Float.BYTES * text.heads() * span * span;
    return text.cache().bytes(span) + attention;
  }

  /**
   * Refuses more rows than there is memory for. One row is never refused.
   *
   * @param features vectors of the images in front of the prompt
   * @param promptTokens tokens of the prompt
   * @throws IllegalArgumentException with what they would take and what there is
   */
  void requireMemory(GenerationOptions options, int features, int promptTokens) {
    long rows = rows(options);
    if (rows == 1) {
      return;
    }
    int positions = positions(options, features, promptTokens);
    long cache = rows * config.text().cache().bytes(positions);
    long vocabulary = config.text().vocabularySize();
    long tokens = (long) features + promptTokens + options.maxNewTokens();
    long heap = rows * (LOGITS * Float.BYTES * vocabulary + TOKEN_BYTES * tokens);
    long heapRoom = Runtime.getRuntime().maxMemory() / 2;
    OptionalLong room = cache > MOST_BYTES ? Host.availableMemory() : OptionalLong.empty();
    if (rows * vocabulary > Integer.MAX_VALUE
        || heap > heapRoom
        || cache > room.orElse(Long.MAX_VALUE)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "num_beams (%d) and num_return_sequences (%d) must fit into memory: %d rows of %d"
                  + " positions take %.1f GB on the heap and %.1f GB beside it, but there are %.1f"
                  + " and %s",
              options.numBeams(),
              options.numReturnSequences(),
              rows,
              positions,
              heap / 1e9,
              cache / 1e9,
              heapRoom / 1e9,
              room.isPresent()
                  ? String.format(Locale.ROOT, "%.1f", room.getAsLong() / 1e9)
                  : "enough"));
    }
  }
}
