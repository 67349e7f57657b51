package io.github.blip2j;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.RetrievalConfig;
import java.util.Set;

/**
 * What a checkpoint can do; the published ones can do one of these each. Asked of a model by {@link
 * Blip2#capabilities}, and before anything is loaded by {@link Blip2Builder#capabilities}.
 */
public enum Capability {
  /**
   * It writes text ({@code Blip2ForConditionalGeneration}): {@link Blip2#captioner}, {@link
   * Blip2#promptedCaptioner}, {@link Blip2#vqa}, {@link Blip2#generate}, {@link Blip2#stream},
   * {@link Blip2#chat}, {@link Blip2#ranker}.
   */
  GENERATE,

  /**
   * It matches images and texts ({@code Blip2ForImageTextRetrieval}): {@link Blip2#matcher}, {@link
   * Blip2#zeroShotClassifier}, texts of {@link Blip2#embedder}, and an index of the module {@code
   * blip2-search}.
   */
  MATCH;

  /** What a checkpoint's settings say. */
  static Set<Capability> of(ModelConfig config) {
    return Set.of(config.head() instanceof RetrievalConfig ? MATCH : GENERATE);
  }
}
