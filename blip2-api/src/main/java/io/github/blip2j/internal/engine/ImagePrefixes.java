package io.github.blip2j.internal.engine;

import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Keys and values of a picture and the start token, computed once for each picture and copied into
 * each session that starts from them. Only a decoder alone has such a beginning: an encoder reads
 * picture and prompt in both directions. The most recently used are kept, as many as a bound
 * allows. Safe for many threads.
 */
final class ImagePrefixes implements AutoCloseable {
  private final TextConfig config;
  private final LanguageModel model;
  private final BoundedCache<EncodedImage, Prefix> cache;

  /**
   * One picture's beginning.
   *
   * @param session one row: the picture and the start token
   * @param logits what follows them
   */
  private record Prefix(LanguageSession session, float[] logits) {}

  /** A session that begins with a picture, and what it has still to be given. */
  record Start(LanguageSession session, DecodingLoop.Pending pending) {}

  ImagePrefixes(TextConfig config, LanguageModel model, long mostBytes) {
    this.config = config;
    this.model = model;
    this.cache = new BoundedCache<>(mostBytes, this::bytes, prefix -> prefix.session().close());
  }

  private long bytes(Prefix prefix) {
    return config.cache().bytes(prefix.session().length(0)) + 4L * prefix.logits().length;
  }

  CacheStatistics statistics() {
    return cache.statistics();
  }

  /**
   * Whether prompts can start from a kept beginning: they start with the start token, and either
   * there is one of them, or each has more.
   */
  boolean serves(List<int[]> prompts) {
    return cache.on()
        && !config.encoderDecoder()
        && prompts.stream().allMatch(p -> p[0] == config.startToken())
        && (prompts.size() == 1 || prompts.stream().allMatch(p -> p.length > 1));
  }

  /**
   * Starts prompts about one picture. The caller closes the session.
   *
   * @param capacity positions of the session's rows
   */
  Start start(EncodedImage image, List<int[]> prompts, int capacity) {
    int[] rows = new int[prompts.size()];
    return cache
        .use(image, prefix -> fork(prefix, rows, prompts, capacity))
        .orElseGet(
            () -> {
              Prefix fresh = compute(image);
              Start start;
              try {
                start = fork(fresh, rows, prompts, capacity);
              } catch (RuntimeException | Error e) {
                fresh.session().close();
                throw e;
              }
              cache.put(image, fresh);
              return start;
            });
  }

  private Start fork(Prefix prefix, int[] rows, List<int[]> prompts, int capacity) {
    int[][] pending =
        prompts.stream().map(p -> Arrays.copyOfRange(p, 1, p.length)).toArray(int[][]::new);
    boolean done = pending[0].length == 0;
    return new Start(
        prefix.session().fork(rows, capacity),
        done ? DecodingLoop.Pending.logits(prefix.logits()) : DecodingLoop.Pending.tokens(pending));
  }

  private Prefix compute(EncodedImage image) {
    float[] features = image.flatProjected();
    float[] logits = new float[config.vocabularySize()];
    int length = features.length / config.hiddenSize() + 1;
    LanguageSession session = Objects.requireNonNull(model.open(1, length));
    try {
      session.append(features, new int[][] {{config.startToken()}}, logits);
      return new Prefix(session, logits);
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  @Override
  public void close() {
    cache.clear();
  }
}
