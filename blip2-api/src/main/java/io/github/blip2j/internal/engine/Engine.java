package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.features.ImageFeatures;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.internal.text.Tokenizers;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LoadedModel;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model with all that runs on it, and its life: calls are counted, and closing waits for
 * them. Owns its parts. Safe for many threads.
 */
public final class Engine implements AutoCloseable {
  private final OpenCalls calls = new OpenCalls();
  private final LoadedModel model;
  private final Tokenizers tokenizers;
  private final ImageEncoder encoder;
  private final Head head;
  private final AttentionReading attention;
  private final Object closing = new Object();
  private boolean released;

  /**
   * What an engine is made of; it closes the model and the tokenizers.
   *
   * @param checkpoint that has been loaded
   * @param files that must not change while it is open
   * @param model the loaded weights
   * @param tokenizers of the checkpoint
   * @param origin of the images that it encodes
   */
  public record Parts(
      Checkpoint checkpoint,
      WeightFiles files,
      LoadedModel model,
      Tokenizers tokenizers,
      ImageFeatures.Origin origin) {}

  /**
   * How an engine works.
   *
   * @param images how images are read
   * @param imageCacheBytes most bytes of the cache of encoded images; 0 for none
   * @param prefixCacheBytes most bytes of the prefix cache; 0 for none
   * @param concurrency how calls share the model
   * @param listener who is told what the model does
   */
  public record Settings(
      ImageOptions images,
      long imageCacheBytes,
      long prefixCacheBytes,
      Concurrency concurrency,
      InferenceListener listener) {}

  /**
   * How calls share the model.
   *
   * @param maxRows of a step that texts take together; 0 if each takes its steps alone
   * @param maxWaiting texts that wait beside them
   * @param turns at the engine
   */
  public record Concurrency(int maxRows, int maxWaiting, Turns turns) {
    /** Each call for itself. */
    public static final Concurrency NONE = new Concurrency(0, 0, Turns.unlimited());

    boolean isOn() {
      return maxRows > 0;
    }

    Admission admission(InferenceListener listener, Runnable forgotten) {
      return isOn()
          ? new Admission(maxRows, maxWaiting, listener, forgotten)
          : Admission.unlimited();
    }

    LookaheadModel model(LanguageModel model, TextConfig config) {
      return isOn()
          ? new LookaheadModel(model, config, maxRows, turns)
          : new LookaheadModel(model, config);
    }
  }

  /** Takes over its parts. */
  public Engine(Parts parts, Settings settings) {
    this.model = parts.model();
    this.tokenizers = parts.tokenizers();
    this.encoder = new ImageEncoder(parts, settings);
    this.head = head(parts, settings);
    this.attention = new AttentionReading(encoder, tokenizers, model.qformer());
  }

  private Head head(Parts parts, Settings settings) {
    if (parts.checkpoint().config().head() instanceof TextConfig text) {
      LookaheadModel language = settings.concurrency().model(model.language(), text);
      long bytes = settings.prefixCacheBytes();
      PromptReader prompts = new PromptReader(parts.checkpoint().config(), tokenizers);
      ImageReading images = new ImageReading(encoder, model.qformer());
      Pipeline pipeline =
          new Pipeline(encoder, images, prompts, new TextStarts(text, language, bytes));
      return new WritingHead(calls, encoder, pipeline);
    }
    return new MatchingHead(calls, encoder, tokenizers.text(), model.retrieval());
  }

  /**
   * What checkpoints of these settings can do.
   *
   * @return unmodifiable, not empty
   */
  public static Set<Capability> capabilities(ModelConfig config) {
    return Set.of(config.head() instanceof TextConfig ? Capability.GENERATE : Capability.MATCH);
  }

  public ModelConfig config() {
    return encoder.config();
  }

  /** The checkpoint's identity. */
  public String checkpoint() {
    return encoder.origin().checkpoint();
  }

  public CacheStatistics imageCacheStatistics() {
    return encoder.statistics();
  }

  /**
   * What writes.
   *
   * @throws CheckpointException if this checkpoint writes no text
   */
  public WritingHead writing() {
    if (head instanceof WritingHead writing) {
      return writing;
    }
    throw new CheckpointException(
        "expected a checkpoint that writes text (Blip2ForConditionalGeneration), found one that"
            + " matches images and texts (Blip2ForImageTextRetrieval)");
  }

  /**
   * What matches.
   *
   * @throws CheckpointException if this checkpoint writes text
   */
  public MatchingHead matching() {
    if (head instanceof MatchingHead matching) {
      return matching;
    }
    throw new CheckpointException(
        "expected a checkpoint that matches images and texts (Blip2ForImageTextRetrieval), found"
            + " one that writes text");
  }

  /**
   * What writes texts and listens to the layers meanwhile, of a model that was loaded with {@link
   * io.github.blip2j.stage.LayerTaps}.
   *
   * @throws CheckpointException if this checkpoint writes no text
   */
  public LayerListening listening() {
    PromptReader prompts = new PromptReader(encoder.config(), tokenizers);
    return new LayerListening(writing(), encoder, prompts, model);
  }

  /** Encodes an image as a call of its own. */
  public EncodedImage encode(ImageInput image) {
    return calls.during(() -> encoder.encode(image));
  }

  /**
   * Demands that the files are those that were loaded, for what reads them again.
   *
   * @throws CheckpointException if one was replaced, deleted or written to
   */
  public void requireSameFiles() {
    encoder.requireSameFiles();
  }

  /** Runs the vision encoder alone, as a call of its own. */
  public float[] patches(ImageSource image) {
    return calls.during(() -> encoder.patches(image));
  }

  /** Looks at an image, with a text beside it or null, as a call of its own. */
  public ImageAttention attention(ImageInput image, @Nullable String text) {
    return calls.during(() -> attention.read(image, text));
  }

  /** Uses the tokenizer as a call of its own. */
  public <R> R tokenizing(Function<Tokenizer, R> task) {
    return calls.during(() -> task.apply(tokenizers.text()));
  }

  /**
   * Releases everything: ends what borrows it, waits for the calls under way. Closing again does
   * nothing. An interrupt does not end the waiting; it is kept.
   *
   * @throws IllegalStateException if the current thread is inside one of the calls
   */
  @Override
  public void close() {
    if (head instanceof WritingHead writing && writing.isUsedHere()) {
      throw new IllegalStateException("a Blip2 must not be closed from within one of its calls");
    }
    calls.refuse();
    synchronized (closing) {
      if (!released) {
        try {
          endTexts();
        } finally {
          calls.await();
          release();
        }
      }
    }
  }

  private void endTexts() {
    if (head instanceof WritingHead writing) {
      writing.endTexts();
    }
  }

  private void release() {
    try (tokenizers;
        model;
        head) { // closed from the last to the first
      endTexts(); // those that calls under way have opened
    }
    released = true; // else closing again goes on
  }
}
