package io.github.blip2j.internal.engine;

import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.LookaheadSession;
import io.github.blip2j.internal.decoding.TextStart;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Starts texts: in a new session, or in a copy of what has been computed of their image before.
 *
 * <p>That prefix cache has the keys and values of an image and the token that prompts start with,
 * computed once for each image. Only a decoder alone has such a beginning: an encoder reads image
 * and prompt in both directions. Nor has an image that was read together with an instruction: its
 * features are for that prompt only. The most recently used are kept, as many as a bound allows,
 * and none longer than somebody else holds its image. Safe for many threads.
 */
final class TextStarts implements AutoCloseable {
  private final TextConfig config;
  private final LookaheadModel model;
  private final BoundedCache<Beginning, Prefix> cache;
  private final ReferenceQueue<EncodedImage> forgotten = new ReferenceQueue<>();

  /**
   * What a prefix is of. It does not keep its image: nobody can ask about that again who does not
   * hold it.
   */
  private static final class Beginning extends WeakReference<EncodedImage> {
    private final int token;
    private final int hash;

    Beginning(EncodedImage image, int token, ReferenceQueue<EncodedImage> forgotten) {
      super(image, forgotten);
      this.token = token;
      this.hash = 31 * System.identityHashCode(image) + token;
    }

    @Override
    public boolean equals(Object other) {
      EncodedImage image = get();
      return other == this
          || image != null
              && other instanceof Beginning beginning
              && beginning.token == token
              && beginning.get() == image;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /**
   * One image's beginning.
   *
   * @param session one row: the image and the prompt's first token
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

  /** What runs the language model. */
  LookaheadModel model() {
    return model;
  }

  CacheStatistics statistics() {
    dropForgotten();
    return cache.statistics();
  }

  /** Releases the beginnings of images that the garbage collector has found nobody to hold. */
  private void dropForgotten() {
    for (Reference<?> lost = forgotten.poll(); lost != null; lost = forgotten.poll()) {
      cache.remove((Beginning) lost);
    }
  }

  /**
   * Starts prompts. The caller closes what it is given.
   *
   * @param images as read for each prompt
   * @param again whether the images may come again, so that their beginning is worth keeping
   * @param capacity positions of the session's rows
   */
  TextStart start(List<ReadImage> images, List<int[]> prompts, boolean again, int capacity) {
    dropForgotten();
    boolean one = images.stream().map(ReadImage::image).distinct().count() == 1;
    ReadImage image = images.get(0);
    if (!again || !one || image.instructed() || !serves(prompts)) {
      List<float[]> features = images.stream().map(ReadImage::features).toList();
      return TextStart.of(model, features, prompts, capacity);
    }
    Beginning beginning = new Beginning(image.image(), prompts.get(0)[0], forgotten);
    return cache
        .use(beginning, prefix -> fork(prefix, prompts, capacity))
        .orElseGet(
            () -> {
              Prefix fresh = compute(image.features(), beginning.token);
              TextStart start;
              try {
                start = fork(fresh, prompts, capacity);
              } catch (RuntimeException | Error e) {
                fresh.session().close();
                throw e;
              }
              cache.put(beginning, fresh);
              return start;
            });
  }

  /**
   * Whether prompts can start from a kept beginning: they start with one token, and either there is
   * one of them, or each has more.
   */
  private boolean serves(List<int[]> prompts) {
    return cache.on()
        && !config.encoderDecoder()
        && prompts.stream().allMatch(p -> p[0] == prompts.get(0)[0])
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

  private Prefix compute(float[] features, int token) {
    float[] logits = new float[config.vocabularySize()];
    int length = features.length / config.hiddenSize() + 1;
    LookaheadSession session = Objects.requireNonNull(model.open(1, length));
    try {
      session.append(features, new int[][] {{token}}, logits);
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
