package io.github.blip2j.generation;

import io.github.blip2j.core.OverloadedException;
import java.time.Duration;

/**
 * Is told what a model does, for metrics and traces; {@code Blip2Builder.inferenceListener} takes
 * one. Nothing is measured for it that is not measured without it. Hits and misses of the caches
 * are counted by {@code Blip2.imageCacheStatistics} and {@code Blip2.prefixCacheStatistics}.
 *
 * <p>Called in the threads of the calls, several at once, and never under a lock, nor in a turn for
 * which other calls wait: it must be safe for many threads and should return soon. What it throws
 * is thrown by the call, or suppressed by what has made that fail already. Every method does
 * nothing unless it is overridden.
 */
public interface InferenceListener {
  /** Listens to nothing. */
  InferenceListener NONE = new InferenceListener() {};

  /**
   * A stage was run, for one image or text or for a batch; also one that failed.
   *
   * @param stage which
   * @param took wall-clock time. {@link ModelStage#DECODE} of a stream includes what its reader
   *     took and its prefill
   */
  default void ran(ModelStage stage, Duration took) {}

  /**
   * Images of a call that writes are encoded, or of each part of a call with many: so long they
   * have waited for a turn, and where the Q-Former reads prompts, those too. What the text waits
   * for others afterwards is in the times of {@link ModelStage#PREFILL} and {@link
   * ModelStage#DECODE}. A conversation, whose image is encoded before it begins, says nothing. Only
   * where calls share the model ({@code Blip2Builder.concurrency}).
   *
   * @param waited wall-clock time; zero if they had their turn at once
   */
  default void queued(Duration waited) {}

  /**
   * A text has ended, for whatever reason; one of a stream that was closed before its end has not.
   *
   * @param text with its tokens, the reason and the timings of its call
   */
  default void wrote(GeneratedText text) {}

  /**
   * A call was refused since too many are under way, as it is told by {@link OverloadedException}.
   */
  default void refused() {}
}
