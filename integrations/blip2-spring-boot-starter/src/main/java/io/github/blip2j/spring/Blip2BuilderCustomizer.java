package io.github.blip2j.spring;

import io.github.blip2j.Blip2Builder;

/** A bean that changes how the model is loaded, behind the properties. */
@FunctionalInterface
public interface Blip2BuilderCustomizer {
  /**
   * Changes the builder.
   *
   * @param builder with what the properties say
   */
  void customize(Blip2Builder builder);
}
