package io.github.blip2j.internal.engine;

import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.LookaheadSession;
import io.github.blip2j.internal.decoding.TextStart;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Starts texts: in a new session, or in a copy of what has been computed of their image before.
 *
 * <p>That prefix cache has the keys and values of an image and the start token, computed once for
 * each image. Only a decoder alone has such a beginning: an encoder reads image and prompt in both
 * directions. The most recently used are kept, as many as a bound allows. Safe for many threads.
 */
final class TextStarts implements AutoCloseable {
  private final TextConfig config;
  private final LookaheadModel model;
  private final BoundedCache<EncodedImage, Prefix> cache;

  /**
   * One image's beginning.
   *
   * @param session one row: the image and the start token
   * @param logits what follows them
   */
  private record Prefix(LookaheadSession session, float[] logits) {}

  TextStarts(TextConfig config, LookaheadModel model, long mostBytes) {
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
   * Starts prompts. The caller closes what it is given.
   *
   * @param images of each prompt
   * @param again whether the images may come again, so that their beginning is worth keeping
   * @param capacity positions of the session's rows
   */
  TextStart start(List<EncodedImage> images, List<int[]> prompts, boolean again, int capacity) {
    if (!again || images.stream().distinct().count() > 1 || !serves(prompts)) {
      List<float[]> features =
          images.stream().map(image -> image.features().flatProjected()).toList();
      return TextStart.of(model, features, prompts, capacity);
    }
    EncodedImage image = images.get(0);
    return cache
        .use(image, prefix -> fork(prefix, prompts, capacity))
        .orElseGet(
            () -> {
              Prefix fresh = compute(image);
              TextStart start;
              try {
                start = fork(fresh, prompts, capacity);
              } catch (RuntimeException | Error e) {
                fresh.session().close();
                throw e;
              }
              cache.put(image, fresh);
              return start;
            });
  }

  /**
   * Whether prompts can start from a kept beginning: they start with the start token, and either
   * there is one of them, or each has more.
   */
  private boolean serves(List<int[]> prompts) {
    return cache.on()
        && !config.encoderDecoder()
        && prompts.stream().allMatch(p -> p[0] == config.startToken())
        && (prompts.size() == 1 || prompts.stream().allMatch(p -> p.length > 1));
  }

  private static TextStart fork(Prefix prefix, List<int[]> prompts, int capacity) {
    int[][] rest =
        prompts.stream().map(p -> Arrays.copyOfRange(p, 1, p.length)).toArray(int[][]::new);
    LookaheadSession session = prefix.session().fork(new int[prompts.size()], capacity);
    return rest[0].length == 0
        ? TextStart.known(session, prefix.logits())
        : TextStart.behind(session, rest);
  }

  private Prefix compute(EncodedImage image) {
    float[] features = image.features().flatProjected();
    float[] logits = new float[config.vocabularySize()];
    int length = features.length / config.hiddenSize() + 1;
    LookaheadSession session = Objects.requireNonNull(model.open(1, length));
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
