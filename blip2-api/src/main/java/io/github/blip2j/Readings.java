package io.github.blip2j;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.internal.features.ImageFeatures;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.spi.LoadRequest;
import java.util.List;

/**
 * What is read of a checkpoint while a backend opens its weights, in threads of their own: the
 * tokenizers, and what identifies it. Tokenizers that cannot be read end the loading at its next
 * progress, so that nobody waits for weights that are prepared in vain.
 *
 * @param tokenizers whoever gets them closes them
 * @param origin of the images that the model will encode
 */
record Readings(Beside<Tokenizers> tokenizers, Beside<ImageFeatures.Origin> origin) {
  /** Begins to read. */
  static Readings of(LoadRequest request) {
    return new Readings(
        Beside.of(
            "blip2 reads tokenizers",
            () -> Tokenizers.load(request.checkpoint(), request.cacheDirectory())),
        Beside.of(
            "blip2 identifies a checkpoint", () -> ImageFeatures.Origin.of(request.checkpoint())));
  }

  /** The same listener, but that what reading tokenizers threw is thrown at the next progress. */
  LoadListener watched(LoadListener told) {
    return new Watching(tokenizers, told);
  }

  /**
   * Waits for both and closes what they have read: nothing goes on behind a failure.
   *
   * @param failure what ended the loading
   * @throws RuntimeException what reading the tokenizers threw, if anything: it comes first,
   *     whichever failed sooner, and has the failure beside it
   */
  void discard(Throwable failure) {
    origin.discard(read -> {});
    tokenizers.discard(Tokenizers::close);
    try {
      tokenizers.requireNoFailure();
    } catch (RuntimeException | Error e) {
      if (e != failure) {
        e.addSuppressed(failure);
      }
      throw e;
    }
  }

  private record Watching(Beside<Tokenizers> tokenizers, LoadListener told)
      implements LoadListener {
    @Override
    public void progress(String stage, long done, long total) {
      tokenizers.requireNoFailure();
      told.progress(stage, done, total);
    }

    @Override
    public void planned(List<Decision<?>> plan) {
      told.planned(plan);
    }

    @Override
    public void downloading(String file, long done, long total) {
      told.downloading(file, done, total);
    }
  }
}
