package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.spi.LoadedModel;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model with all that runs on it, and its life: calls are counted, and closing waits for
 * them. Owns its parts. Safe for many threads.
 */
public final class Engine implements AutoCloseable {
  private final OpenCalls calls = new OpenCalls();
  private final ModelConfig config;
  private final LoadedModel model;
  private final Tokenizer tokenizer;
  private final ImageEncoder encoder;
  private final @Nullable Pipeline pipeline; // of a checkpoint that writes text
  private final Object closing = new Object();
  private boolean released;

  /**
   * Takes over its parts.
   *
   * @param pipeline of a checkpoint that writes text, else null
   */
  public Engine(
      ModelConfig config,
      LoadedModel model,
      Tokenizer tokenizer,
      ImageEncoder encoder,
      @Nullable Pipeline pipeline) {
    this.config = config;
    this.model = model;
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.pipeline = pipeline;
  }

  public ModelConfig config() {
    return config;
  }

  public ImageEncoder encoder() {
    return encoder;
  }

  /** Encodes an image as a call of its own. */
  public EncodedImage encode(ImageInput image) {
    return call(() -> encoder.encode(List.of(image), new StageClock()).get(0));
  }

  /** Uses the tokenizer as a call of its own. */
  public <R> R tokenizing(Function<Tokenizer, R> task) {
    return call(() -> task.apply(tokenizer));
  }

  /** Runs a task that writes. */
  public <R> R writing(Function<Pipeline, R> task) {
    return call(() -> task.apply(pipeline()));
  }

  /** Runs a task that matches. */
  public <R> R retrieving(Function<RetrievalPipeline, R> task) {
    return call(
        () -> {
          config.retrieval(); // says why there is none
          return task.apply(new RetrievalPipeline(config, encoder, tokenizer, model.retrieval()));
        });
  }

  private <R> R call(Supplier<R> task) {
    calls.enter();
    try {
      return task.get();
    } finally {
      calls.leave();
    }
  }

  /** What writes, whether the engine is open or not. */
  public Pipeline pipeline() {
    config.text(); // says why there is none
    return Objects.requireNonNull(pipeline);
  }

  /**
   * Releases everything: ends what borrows it, waits for the calls under way. Closing again does
   * nothing. An interrupt does not end the waiting; it is kept.
   *
   * @throws IllegalStateException if the current thread is inside one of the calls
   */
  @Override
  public void close() {
    if (pipeline != null && pipeline.borrowers().isUsedHere()) {
      throw new IllegalStateException("a Blip2 must not be closed from within one of its calls");
    }
    calls.refuse();
    synchronized (closing) {
      if (!released) {
        try {
          endBorrowers();
        } finally {
          calls.await();
          release();
        }
      }
    }
  }

  private void endBorrowers() {
    if (pipeline != null) {
      pipeline.borrowers().close();
    }
  }

  private void release() {
    try (tokenizer;
        model;
        pipeline) { // closed from the last to the first
      endBorrowers(); // those that calls under way have opened
    }
    released = true; // else closing again goes on
  }
}
