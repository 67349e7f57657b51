package io.github.blip2j;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.internal.backend.BackendRegistry;
import io.github.blip2j.internal.hub.ModelLocator;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A BLIP-2 model in this process: it looks at a picture and writes text about it.
 *
 * <p>Owns the model's weights and caches until {@link #close}. Safe for many threads; each call
 * holds its own state. Tasks made from it are cheap and share its weights.
 *
 * <p>Source: Li et al. 2023, "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image
 * Encoders and Large Language Models"; Transformers, {@code Blip2ForConditionalGeneration}.
 */
public final class Blip2 implements AutoCloseable {
  private final OpenCalls calls = new OpenCalls();
  private final BackendRegistry.Choice choice;
  private final LoadedModel model;
  private final Tokenizer tokenizer;
  private final Pipeline pipeline;

  private Blip2(
      BackendRegistry.Choice choice, LoadedModel model, Tokenizer tokenizer, Pipeline pipeline) {
    this.choice = choice;
    this.model = model;
    this.tokenizer = tokenizer;
    this.pipeline = pipeline;
  }

  /**
   * Loads a model with the best installed backend.
   *
   * @param model a checkpoint directory, or {@code owner/name} of a model in this machine's Hub
   *     cache
   * @return the model; the caller closes it
   * @throws CheckpointException if the checkpoint is not there or cannot be used
   * @throws BackendUnavailableException if no installed backend can run here
   */
  public static Blip2 load(String model) {
    return builder().model(model).load();
  }

  /**
   * Loads a model with the best installed backend.
   *
   * @param directory of the checkpoint
   * @return the model; the caller closes it
   * @throws CheckpointException if the checkpoint cannot be used
   * @throws BackendUnavailableException if no installed backend can run here
   */
  public static Blip2 load(Path directory) {
    return builder().model(directory).load();
  }

  /**
   * Starts to describe what to load and how.
   *
   * @return a builder with the defaults
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Where backends keep files that they derive from checkpoints, unless {@link
   * Builder#cacheDirectory} says otherwise.
   *
   * @return the folder that the environment variable {@code BLIP2_CACHE} names, else {@code blip2}
   *     in the user's cache folder; may not exist yet
   */
  public static Path defaultCacheDirectory() {
    return ModelLocator.ofProcess().derivedFiles();
  }

  /**
   * Describes a picture with the default options.
   *
   * @param image the picture
   * @return the caption
   * @throws UnreadableImageException if the picture cannot be read
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageSource image) {
    return captioner().caption(image);
  }

  /**
   * Describes a picture by going on from a prompt, with the default options.
   *
   * @param image the picture
   * @param prompt such as {@code a photo of}
   * @return what follows the prompt; the prompt itself is not in it
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageSource image, String prompt) {
    return promptedCaptioner(prompt).caption(image);
  }

  /**
   * Answers a question about a picture with the default template and options.
   *
   * @param image the picture
   * @param question in plain words
   * @return the answer
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public GeneratedText ask(ImageSource image, String question) {
    return vqa().ask(image, question);
  }

  /**
   * Captions without a prompt.
   *
   * @return the task with the default options
   */
  public Captioner captioner() {
    return new Captioner(this, GenerationOptions.defaults());
  }

  /**
   * Captions that go on from a prompt.
   *
   * @param prompt such as {@code a photo of}
   * @return the task with the default options
   */
  public PromptedCaptioner promptedCaptioner(String prompt) {
    return new PromptedCaptioner(this, prompt, GenerationOptions.defaults());
  }

  /**
   * Answers to questions.
   *
   * @return the task with the default template and options
   */
  public VisualQuestionAnswering vqa() {
    return new VisualQuestionAnswering(
        this, VisualQuestionAnswering.DEFAULT_TEMPLATE, GenerationOptions.defaults());
  }

  /**
   * The backend that runs this model.
   *
   * @return its id, such as {@code onnx}
   */
  public String backend() {
    return choice.backend().id();
  }

  /**
   * The device that this model runs on.
   *
   * @return never {@code auto}
   */
  public Device device() {
    return choice.device();
  }

  /**
   * Writes about many pictures at once, each with its own prompt and options. Texts are those of
   * one call each; as many requests as fit into a batch are computed together.
   *
   * @param requests pictures, prompts and options
   * @return for each request, in order, as many texts as its {@link
   *     GenerationOptions#numReturnSequences()}; of a beam search best first
   * @throws UnreadableImageException if any picture cannot be read
   * @throws IllegalArgumentException if a prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public List<List<GeneratedText>> generate(List<GenerationRequest> requests) {
    calls.enter();
    try {
      return pipeline.generate(requests);
    } finally {
      calls.leave();
    }
  }

  /**
   * Writes about a picture token by token. The picture is encoded in this call; each token is
   * computed when it is asked for.
   *
   * @param request picture, prompt and options; one sequence without beams
   * @return the text under way; the caller closes it
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the options ask for beams or several sequences, or a prompt
   *     leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public Generation stream(GenerationRequest request) {
    calls.enter();
    try {
      Generation generation = pipeline.stream(request, calls::streamClosed);
      calls.streamOpened();
      return generation;
    } finally {
      calls.leave();
    }
  }

  /**
   * The same as a reactive stream. The picture is encoded when a subscriber subscribes, in its
   * thread; tokens are computed as it requests them, in the thread that requests.
   *
   * @param request picture, prompt and options; one sequence without beams
   * @return a publisher; each subscriber gets the text anew
   */
  public Flow.Publisher<TextPiece> publisher(GenerationRequest request) {
    return new GenerationPublisher(() -> stream(request));
  }

  /**
   * Waits for calls under way, then releases the model. Later calls are refused with {@link
   * IllegalStateException}; closing again does nothing. Must not be called from within a call.
   *
   * @throws IllegalStateException if a {@link Generation} is open; says how many, and nothing is
   *     closed
   */
  @Override
  public void close() {
    if (calls.closeAndWait()) {
      try {
        model.close();
      } finally {
        tokenizer.close();
      }
    }
  }

  /** What to load and how. For one thread. */
  public static final class Builder {
    private @Nullable String model;
    private String revision = "main";
    private @Nullable String backend;
    private Device device = Device.AUTO;
    private int threads = Runtime.getRuntime().availableProcessors();
    private WeightLayout layout = WeightLayout.MAPPED;
    private ImageOptions imageOptions = ImageOptions.defaults();
    private LoadListener listener = LoadListener.NONE;
    private @Nullable Path cacheDirectory;

    private Builder() {}

    /**
     * Names the model.
     *
     * @param name a checkpoint directory, or {@code owner/name} of a model in this machine's Hub
     *     cache
     * @return this
     */
    public Builder model(String name) {
      this.model = name;
      return this;
    }

    /**
     * Names the model.
     *
     * @param directory of the checkpoint
     * @return this
     */
    public Builder model(Path directory) {
      return model(directory.toString());
    }

    /**
     * Chooses among the revisions of a model in the Hub cache.
     *
     * @param name branch, tag or commit; {@code main} by default
     * @return this
     */
    public Builder revision(String name) {
      this.revision = name;
      return this;
    }

    /**
     * Chooses the backend. By default it is the installed one of highest priority that can run:
     * {@code onnx} before {@code djl}.
     *
     * @param id such as {@code onnx} or {@code djl}
     * @return this
     */
    public Builder backend(String id) {
      this.backend = id;
      return this;
    }

    /**
     * Chooses the device; {@link Device#AUTO} by default.
     *
     * @param chosen where to run
     * @return this
     */
    public Builder device(Device chosen) {
      this.device = chosen;
      return this;
    }

    /**
     * Sets the threads of one forward pass on a CPU; the processors of this machine by default.
     *
     * @param count at least 1
     * @return this
     */
    public Builder threads(int count) {
      if (count < 1) {
        throw new IllegalArgumentException("threads (" + count + ") must be at least 1");
      }
      this.threads = count;
      return this;
    }

    /**
     * Chooses where the language model's float32 weights lie on a CPU; {@link WeightLayout#MAPPED}
     * by default. {@link WeightLayout#PACKED} is for services that decode several rows at once.
     *
     * @param chosen in their files, or reordered in private memory
     * @return this
     */
    public Builder weightLayout(WeightLayout chosen) {
      this.layout = chosen;
      return this;
    }

    /**
     * Sets how pictures are read; {@link ImageOptions#defaults()} by default.
     *
     * @param options limits and orientation
     * @return this
     */
    public Builder imageOptions(ImageOptions options) {
      this.imageOptions = options;
      return this;
    }

    /**
     * Sets who is told of the loading's progress.
     *
     * @param told called in the loading thread
     * @return this
     */
    public Builder listener(LoadListener told) {
      this.listener = told;
      return this;
    }

    /**
     * Sets where backends keep files that they derive from a checkpoint, such as half-precision
     * weights made float32; {@link Blip2#defaultCacheDirectory()} by default.
     *
     * @param directory is created when needed
     * @return this
     */
    public Builder cacheDirectory(Path directory) {
      this.cacheDirectory = directory;
      return this;
    }

    /**
     * Loads the model.
     *
     * @return the model; the caller closes it
     * @throws IllegalStateException if no model was named
     * @throws CheckpointException if the checkpoint is not there or cannot be used
     * @throws BackendUnavailableException if the backend cannot run here
     */
    public Blip2 load() {
      if (model == null) {
        throw new IllegalStateException("model must be named before load()");
      }
      ModelLocator locator = ModelLocator.ofProcess();
      Checkpoint checkpoint = Checkpoint.open(locator.find(model, revision));
      BackendRegistry.Choice choice = BackendRegistry.installed().choose(backend, device);
      Tokenizer tokenizer = Tokenizer.load(checkpoint);
      LoadedModel loaded = null;
      try {
        Execution execution = new Execution(choice.device(), threads, layout);
        Path cache = cacheDirectory == null ? defaultCacheDirectory() : cacheDirectory;
        loaded = choice.backend().load(new LoadRequest(checkpoint, execution, cache, listener));
        Pipeline pipeline = new Pipeline(checkpoint, imageOptions, tokenizer, loaded);
        Blip2 blip2 = new Blip2(choice, loaded, tokenizer, pipeline);
        loaded = null;
        return blip2;
      } catch (RuntimeException | Error e) {
        if (loaded != null) {
          loaded.close();
        }
        tokenizer.close();
        throw e;
      }
    }
  }
}
