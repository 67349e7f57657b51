package io.github.blip2j;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationPreset;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.generation.TextPiece;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageAttention;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.backend.BackendRegistry;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.hub.ModelLocator;
import io.github.blip2j.spi.LoadRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A BLIP-2 model in this process: it looks at an image and writes text about it.
 *
 * <p>Owns the model's weights and caches until {@link #close}. Safe for many threads; each call
 * holds its own state. Tasks made from it are cheap and share its weights.
 *
 * <p>A thread that is interrupted, as by {@code future.cancel(true)}, stops writing after the token
 * under way and stays interrupted: the text is what has been written so far, perhaps nothing, with
 * {@link FinishReason#CANCELLED}. Ranking, matching and embedding, which have no such result, throw
 * {@link InferenceException} between two passes of the model.
 *
 * <p>Source: Li et al. 2023, "BLIP-2: Bootstrapping Language-Image Pre-training with Frozen Image
 * Encoders and Large Language Models"; Transformers, {@code Blip2ForConditionalGeneration}.
 */
public final class Blip2 implements AutoCloseable {
  final BackendRegistry.Choice choice;
  final LoadRequest source;
  final Engine engine;
  private final TextTokenizer textTokenizer;

  Blip2(BackendRegistry.Choice choice, LoadRequest source, Engine engine) {
    this.choice = choice;
    this.source = source;
    this.engine = engine;
    this.textTokenizer = new TextTokenizer(engine);
  }

  /**
   * Loads a model with the best installed backend.
   *
   * @param model a checkpoint directory, or {@code owner/name} or {@code owner/name@revision} of a
   *     model in this machine's Hub cache; nothing is downloaded unless {@link
   *     Blip2Builder#download} says so
   * @return the model; the caller closes it
   * @throws CheckpointException if the checkpoint is not there, not all of it is, or it cannot be
   *     used
   * @throws BackendUnavailableException if no installed backend can run here
   */
  public static Blip2 load(String model) {
    return builder().model(model).load();
  }

  /**
   * Loads a model with the best installed backend, as {@link #load(String)} does.
   *
   * @param directory of the checkpoint
   * @return the model; the caller closes it
   */
  public static Blip2 load(Path directory) {
    return builder().model(directory).load();
  }

  /**
   * Starts to describe what to load and how.
   *
   * @return a builder with the defaults
   */
  public static Blip2Builder builder() {
    return new Blip2Builder();
  }

  /**
   * Where backends keep files that they derive from checkpoints, unless {@link
   * Blip2Builder#cacheDirectory} says otherwise.
   *
   * @return the folder that the environment variable {@code BLIP2_CACHE} names, else {@code blip2}
   *     in the user's cache folder; may not exist yet
   */
  public static Path defaultCacheDirectory() {
    return ModelLocator.ofProcess().derivedFiles();
  }

  /**
   * Describes an image with the default options, as {@link #captioner} does.
   *
   * @param image the image
   * @return the caption
   * @throws UnreadableImageException if the image cannot be read
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageInput image) {
    return captioner().caption(image);
  }

  /**
   * Describes an image by going on from a prompt, with the default options.
   *
   * @param image the image
   * @param prompt such as {@code a photo of}
   * @return what follows the prompt; the prompt itself is not in it
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageInput image, String prompt) {
    return promptedCaptioner(prompt).caption(image);
  }

  /**
   * Answers a question about an image with the default template and options.
   *
   * @param image the image
   * @param question in plain words
   * @return the answer
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the question leaves no room for an answer
   * @throws InferenceException if the engine fails
   */
  public GeneratedText ask(ImageInput image, String question) {
    return vqa().ask(image, question);
  }

  /**
   * Encodes an image once, for any number of tasks.
   *
   * @param image the image; one that is encoded already is given back, and several in one prompt
   *     become one
   * @return what the Q-Former reads of it
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if it was encoded by another checkpoint
   * @throws InferenceException if the engine fails
   */
  public EncodedImage encode(ImageInput image) {
    return engine.encode(image);
  }

  /**
   * Where the Q-Former looks in an image. Nothing of it is computed for captions or answers; what
   * it needs is compiled in the first call.
   *
   * @param image the image; one that is encoded already only if the checkpoint's encoded images
   *     keep their patches, as those that match do
   * @return the weights of its cross-attention. A Q-Former that reads instructions looks with the
   *     one for captions
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if it is encoded, and no patches were kept
   * @throws InferenceException if the engine fails
   */
  public ImageAttention attention(ImageInput image) {
    return engine.attention(image, null);
  }

  /**
   * Where the Q-Former looks in an image while it reads a text: an instruction, or one that is
   * matched with the image.
   *
   * @param image the image, as for {@link #attention(ImageInput)}
   * @param text read beside it
   * @return the weights of its cross-attention
   * @throws CheckpointException if this checkpoint's Q-Former reads images alone
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the text is too long, or the image is encoded and no
   *     patches were kept
   * @throws InferenceException if the engine fails
   */
  public ImageAttention attention(ImageInput image, String text) {
    return engine.attention(image, Objects.requireNonNull(text, "text"));
  }

  /**
   * Ranks given answers by how likely the model finds them, with the default settings.
   *
   * @param image the image
   * @param prompt what the candidates follow, or null for none
   * @param candidates at least one
   * @return the candidates, the likeliest first; see {@link AnswerRanker#rank}
   */
  public List<RankedAnswer> rank(
      ImageInput image, @Nullable String prompt, List<String> candidates) {
    return ranker().rank(image, prompt, candidates);
  }

  /**
   * Ranks given answers.
   *
   * @return the task with the default settings
   */
  public AnswerRanker ranker() {
    return new AnswerRanker(engine, false, true);
  }

  /**
   * Starts a conversation about an image with the default options.
   *
   * @param image the image
   * @return the conversation; the caller closes it
   */
  public ChatSession chat(ImageInput image) {
    return chat(image, ChatOptions.defaults());
  }

  /**
   * Starts a conversation about an image.
   *
   * @param image the image
   * @param options template, generation and context
   * @return the conversation; the caller closes it
   * @throws CheckpointException if this checkpoint writes no text
   * @throws UnreadableImageException if the image cannot be read
   */
  public ChatSession chat(ImageInput image, ChatOptions options) {
    return engine.writing().chat(image, options, ChatSession::new);
  }

  /**
   * Takes up a conversation that {@link ChatSession#save} wrote.
   *
   * @param file where it is
   * @param generation how answers are generated from now on
   * @return the conversation; the caller closes it
   * @throws CheckpointException if the file is missing, cut or no conversation, or this checkpoint
   *     writes no text
   * @throws IllegalArgumentException if another checkpoint encoded its image
   */
  public ChatSession restoreChat(Path file, GenerationOptions generation) {
    return engine.writing().restore(file, generation, ChatSession::new);
  }

  /**
   * Matches images and texts.
   *
   * @return the task
   * @throws CheckpointException if this checkpoint writes text instead
   */
  public ImageTextMatcher matcher() {
    return new ImageTextMatcher(engine.matching());
  }

  /**
   * Sorts images under labels by image-text contrast.
   *
   * @param labels at least one
   * @param templates at least one, each with {@code {}} where the label goes, such as {@code a
   *     photo of a {}}
   * @return a classifier; the labels are read in this call
   * @throws CheckpointException if this checkpoint writes text instead
   */
  public ZeroShotClassifier zeroShotClassifier(List<String> labels, List<String> templates) {
    return ZeroShotClassifier.of(engine, labels, templates);
  }

  /**
   * Vectors of images and texts.
   *
   * @return the task
   */
  public Embedder embedder() {
    return new Embedder(engine);
  }

  /**
   * Text to token ids and back, for options and processors that speak ids.
   *
   * @return this checkpoint's tokenizer; works while this model is open
   */
  public TextTokenizer tokenizer() {
    return textTokenizer;
  }

  /**
   * What this checkpoint can do, so that it need not be tried.
   *
   * @return unmodifiable, not empty; {@link Blip2Builder#capabilities} says it before loading
   */
  public Set<Capability> capabilities() {
    return Engine.capabilities(engine.config());
  }

  /**
   * The cache of encoded images.
   *
   * @return its counts; all 0 unless {@link Blip2Builder#imageCache} switched it on
   */
  public CacheStatistics imageCacheStatistics() {
    return engine.imageCacheStatistics();
  }

  /**
   * The cache of images' beginnings in the language model. A beginning is released when the bound
   * is reached, or with the next text once nobody holds its {@link EncodedImage} any more.
   *
   * @return its counts; all 0 for an encoder and decoder, and where the Q-Former reads instructions
   * @throws CheckpointException if this checkpoint writes no text
   */
  public CacheStatistics prefixCacheStatistics() {
    return engine.writing().prefixStatistics();
  }

  /**
   * The draft that guesses ahead of the language model.
   *
   * @return its counts; all 0 unless {@link Blip2Builder#draft} switched it on
   * @throws CheckpointException if this checkpoint writes no text
   */
  public DraftStatistics draftStatistics() {
    return engine.writing().draftStatistics();
  }

  /** What the tasks run on. */
  Engine engine() {
    return engine;
  }

  /**
   * Captions without a prompt; of a checkpoint whose Q-Former reads instructions, with LAVIS's for
   * captions, {@code A short image caption.}
   *
   * @return the task with the default options
   */
  public Captioner captioner() {
    return new Captioner(engine, GenerationOptions.defaults());
  }

  /**
   * Captions that go on from a prompt.
   *
   * @param prompt such as {@code a photo of}
   * @return the task with the default options
   */
  public PromptedCaptioner promptedCaptioner(String prompt) {
    return new PromptedCaptioner(engine, prompt, GenerationOptions.defaults());
  }

  /**
   * Answers to questions.
   *
   * @return the task with the default template and options
   */
  public VisualQuestionAnswering vqa() {
    String template =
        engine.config().qformer().instruction() == null
            ? VisualQuestionAnswering.DEFAULT_TEMPLATE
            : VisualQuestionAnswering.INSTRUCTED_TEMPLATE;
    return new VisualQuestionAnswering(engine, template, GenerationOptions.defaults(), false);
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
   * What tells this model's checkpoint from others; encoded images and indexes name it.
   *
   * @return {@link Checkpoint#identity()}
   */
  public String checkpoint() {
    return engine.checkpoint();
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
   * The precisions that this model runs in.
   *
   * @return those that were asked for, or that were chosen
   */
  public Precisions precisions() {
    return source.execution().precisions();
  }

  /**
   * A preset's parameters for this model and a prompt: the least tokens of some depend on both.
   *
   * @param preset whose parameters
   * @param prompt the prompt in its final form, or null for none
   * @return the options
   * @throws CheckpointException if this checkpoint writes no text
   * @throws IllegalStateException if this model is closed
   */
  public GenerationOptions options(GenerationPreset preset, @Nullable String prompt) {
    return preset.options(engine.writing().begun(prompt));
  }

  /**
   * Writes about many images at once, each with its own prompt and options. Texts are those of one
   * call each; as many requests as fit into a batch are computed together.
   *
   * @param requests images, prompts and options
   * @return for each request, in order, as many texts as its {@link
   *     GenerationOptions#numReturnSequences()}; of a beam search best first
   * @throws UnreadableImageException if any image cannot be read
   * @throws IllegalArgumentException if a prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public List<List<GeneratedText>> generate(List<GenerationRequest> requests) {
    return engine.writing().generate(requests);
  }

  /**
   * Writes about an image token by token. The image is encoded in this call; each token is computed
   * when it is asked for.
   *
   * @param request image, prompt and options; one sequence without beams
   * @return the text under way; the caller closes it, unless it is read to its end
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the options ask for beams or several sequences, or a prompt
   *     leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public Generation stream(GenerationRequest request) {
    return engine.writing().stream(request, Generation::new);
  }

  /**
   * Writes about an image and hands the text out piece by piece while it is written, in this
   * thread.
   *
   * @param request image, prompt and options; one sequence without beams
   * @param listener is given every piece; what it throws ends the text
   * @return the whole text
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException as {@link #stream(GenerationRequest)}
   * @throws InferenceException if the engine fails
   */
  public GeneratedText stream(GenerationRequest request, Consumer<? super TextPiece> listener) {
    try (Generation generation = stream(request)) {
      return generation.readTo(listener);
    }
  }

  /**
   * The same as a reactive stream. The image is encoded when a subscriber subscribes, in its
   * thread; tokens are computed as it requests them, in the thread that requests.
   *
   * @param request image, prompt and options; one sequence without beams
   * @return a publisher; each subscriber gets the text anew
   */
  public Flow.Publisher<TextPiece> publisher(GenerationRequest request) {
    return new GenerationPublisher(() -> stream(request));
  }

  @Override
  public String toString() {
    String place = backend() + " on " + device();
    return "Blip2[" + capabilities() + ", " + place + ", checkpoint " + checkpoint() + "]";
  }

  /**
   * Releases the model. Every {@link Generation} and {@link ChatSession} is closed, after the token
   * under way; other calls under way are waited for; later calls are refused with {@link
   * IllegalStateException}. From any thread, at any time; closing again does nothing. An interrupt
   * does not end the waiting; it is kept.
   *
   * @throws IllegalStateException if it is called from within one of the calls, such as by a {@link
   *     ScoreProcessor}; nothing is closed
   */
  @Override
  public void close() {
    engine.close();
  }
}
