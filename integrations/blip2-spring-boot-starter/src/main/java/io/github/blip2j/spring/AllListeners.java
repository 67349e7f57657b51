package io.github.blip2j.spring;

import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import java.time.Duration;
import java.util.List;

/** Tells several listeners, in their order. */
record AllListeners(List<InferenceListener> all) implements InferenceListener {
  @Override
  public void ran(ModelStage stage, Duration took) {
    all.forEach(listener -> listener.ran(stage, took));
  }

  @Override
  public void queued(Duration waited) {
    all.forEach(listener -> listener.queued(waited));
  }

  @Override
  public void wrote(GeneratedText text) {
    all.forEach(listener -> listener.wrote(text));
  }

  @Override
  public void refused() {
    all.forEach(InferenceListener::refused);
  }
}
