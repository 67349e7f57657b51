package io.github.blip2j.core;

/**
 * What a checkpoint can do; the published ones can do one of these each. Asked of a model by {@code
 * Blip2.capabilities}, and before anything is loaded by {@code Blip2Builder.capabilities}.
 */
public enum Capability {
  /**
   * It writes text ({@code Blip2ForConditionalGeneration}): {@code Blip2.captioner}, {@code
   * Blip2.promptedCaptioner}, {@code Blip2.vqa}, {@code Blip2.generate}, {@code Blip2.stream},
   * {@code Blip2.chat}, {@code Blip2.ranker}.
   */
  GENERATE,

  /**
   * It matches images and texts ({@code Blip2ForImageTextRetrieval}): {@code Blip2.matcher}, {@code
   * Blip2.zeroShotClassifier}, texts of {@code Blip2.embedder}, and an index of the module {@code
   * blip2-search}.
   */
  MATCH
}
