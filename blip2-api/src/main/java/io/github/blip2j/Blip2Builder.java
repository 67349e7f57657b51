package io.github.blip2j;

import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.host.Host;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.internal.backend.ExecutionPlan;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.internal.hub.ModelLocator;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What to load and how; {@link Blip2#builder} makes one. For one thread. */
public final class Blip2Builder {
  private @Nullable String model;
  private @Nullable String adapter;
  private String revision = "main";
  private boolean download;
  private @Nullable String backend;
  private Device device = Device.AUTO;
  private int threads = Host.cores();
  private @Nullable WeightLayout layout;
  private @Nullable Precision draft;
  private @Nullable Precisions precisions;
  private @Nullable Recipe recipe;
  private @Nullable Calibration calibration;
  private ImageOptions imageOptions = ImageOptions.defaults();
  private boolean memoryCheck = true;
  private int imageSize; // 0: the checkpoint's own
  private long imageCacheBytes;
  private long prefixBytes = 256L << 20;
  private Sharing sharing = Sharing.NONE;
  private LoadListener listener = LoadListener.NONE;
  private InferenceListener inferenceListener = InferenceListener.NONE;
  private @Nullable Path cacheDirectory;

  Blip2Builder() {}

  /**
   * Names the model.
   *
   * @param name a checkpoint directory, or {@code owner/name} or {@code owner/name@revision} of a
   *     model on the Hub, which is looked for in this machine's Hub cache
   * @return this
   */
  public Blip2Builder model(String name) {
    this.model = name;
    return this;
  }

  /**
   * Names the model.
   *
   * @param directory of the checkpoint
   * @return this
   */
  public Blip2Builder model(Path directory) {
    return model(directory.toString());
  }

  /**
   * Names a PEFT adapter (LoRA, rsLoRA or DoRA) that is merged into the model's weights while it is
   * loaded, whatever the backend and precision. What it changes is computed once and kept in the
   * {@linkplain #cacheDirectory cache}. Encoded images and conversations that were saved with
   * another adapter, or without one, are refused.
   *
   * @param name a directory with {@code adapter_config.json} and {@code adapter_model.safetensors}
   *     or {@code adapter_model.bin}, or {@code owner/name[@revision]} of one in the Hub cache
   * @return this
   */
  public Blip2Builder adapter(String name) {
    this.adapter = name;
    return this;
  }

  /**
   * Names a PEFT adapter; see {@link #adapter(String)}.
   *
   * @param directory of the adapter
   * @return this
   */
  public Blip2Builder adapter(Path directory) {
    return adapter(directory.toString());
  }

  /**
   * Chooses among the revisions of a model on the Hub.
   *
   * @param name branch, tag or commit; {@code main} by default
   * @return this
   */
  public Blip2Builder revision(String name) {
    this.revision = name;
    return this;
  }

  /**
   * Whether a model or an adapter that is not here, or not completely, is downloaded into the Hub
   * cache before it is loaded; by default it is not, and nothing ever connects to anything. What is
   * here is used as it is, without asking the Hub whether its branch has moved on; {@link
   * #planDownload} asks. {@link LoadListener#downloading} is told how far it is.
   *
   * @param allowed true to download
   * @return this
   */
  public Blip2Builder download(boolean allowed) {
    this.download = allowed;
    return this;
  }

  /**
   * Chooses the backend. By default it is the installed one of highest priority that can run:
   * {@code onnx} before {@code djl}.
   *
   * @param id such as {@code onnx} or {@code djl}
   * @return this
   */
  public Blip2Builder backend(String id) {
    this.backend = id;
    return this;
  }

  /**
   * Chooses the device; {@link Device#AUTO} by default.
   *
   * @param chosen where to run
   * @return this
   */
  public Blip2Builder device(Device chosen) {
    this.device = chosen;
    return this;
  }

  /**
   * Sets the threads of one forward pass on a CPU; the cores of this machine by default.
   *
   * @param count at least 1
   * @return this
   */
  public Blip2Builder threads(int count) {
    this.threads = (int) atLeast(1, "threads", count);
    return this;
  }

  /**
   * Chooses where float32 weights lie on a CPU; {@link WeightLayout#MAPPED} by default, and {@link
   * WeightLayout#PACKED} with a {@linkplain #draft draft}. Packed is for services that start seldom
   * and have the memory.
   *
   * @param chosen in their files, or reordered in private memory
   * @return this
   */
  public Blip2Builder weightLayout(WeightLayout chosen) {
    this.layout = chosen;
    return this;
  }

  /**
   * Chooses the precision of the weights by one name; see {@link Precisions#of}. By default float16
   * on a CUDA device, and on a CPU float32 if it fits comfortably into the memory that this process
   * may use, else the most exact precisions that do, which {@link LoadListener#planned} is told as
   * {@link Decision#FIT}. A bundle has its own.
   *
   * @param chosen for the model
   * @return this
   */
  public Blip2Builder precision(Precision chosen) {
    return precisions(Precisions.of(chosen));
  }

  /**
   * Chooses the precision of each stage's weights.
   *
   * @param chosen for the stages
   * @return this
   */
  public Blip2Builder precisions(Precisions chosen) {
    this.precisions = chosen;
    this.recipe = null;
    return this;
  }

  /**
   * Chooses the precisions by one of three words; takes the place of {@link #precisions}, and the
   * other way round.
   *
   * @param chosen of which the backend makes precisions
   * @return this
   */
  public Blip2Builder recipe(Recipe chosen) {
    this.recipe = chosen;
    this.precisions = null;
    return this;
  }

  /**
   * Lets the language model in a cheaper precision guess ahead of the model itself, which then
   * reads its own weights once for several tokens instead of once for each (speculative decoding,
   * Leviathan et al. 2023). Every token is chosen from the model's own logits, whatever the draft
   * guesses, so that only the rounding of sums can differ, as it does with the number of rows;
   * {@link Blip2#draftStatistics} tells how often it guessed right. It serves steps of one row:
   * texts that are written one at a time, greedy or drawn, streamed or not, in conversations too.
   * Steps of several rows (beams, several sequences, batches) are taken as without it. Both copies
   * of the language model are in memory. Off by default.
   *
   * @param cheaper {@link Precision#INT4}, {@link Precision#INT4_BLOCK32} or {@link
   *     Precision#INT8}; backend {@code onnx} on a CPU only
   * @return this
   */
  public Blip2Builder draft(Precision cheaper) {
    this.draft = cheaper;
    return this;
  }

  /**
   * Whether a model is refused when its weights need more private memory than the machine has
   * available, or where no precision was chosen and none fits; by default it is. Mapped weights of
   * a precision that was chosen do not count.
   *
   * @param checked false to try all the same
   * @return this
   */
  public Blip2Builder memoryCheck(boolean checked) {
    this.memoryCheck = checked;
    return this;
  }

  /**
   * Sets the side to which images are resized, with interpolated position embeddings; the
   * checkpoint's own by default. More shows finer detail and costs more time.
   *
   * @param pixels a multiple of the checkpoint's patch size, 14 in the published ones
   * @return this
   */
  public Blip2Builder imageSize(int pixels) {
    this.imageSize = (int) atLeast(1, "imageSize", pixels);
    return this;
  }

  /**
   * Sets how images are read; {@link ImageOptions#defaults()} by default.
   *
   * @param options limits and orientation
   * @return this
   */
  public Blip2Builder imageOptions(ImageOptions options) {
    this.imageOptions = options;
    return this;
  }

  /**
   * Sets who is told of the loading's progress.
   *
   * @param told called in the loading thread
   * @return this
   */
  public Blip2Builder listener(LoadListener told) {
    this.listener = told;
    return this;
  }

  /**
   * Sets where backends keep files that they derive from a checkpoint, such as half-precision
   * weights made float32, and native libraries; {@link Blip2#defaultCacheDirectory()} by default.
   *
   * @param directory is created when needed
   * @return this
   */
  public Blip2Builder cacheDirectory(Path directory) {
    this.cacheDirectory = directory;
    return this;
  }

  /**
   * Switches on a cache of encoded images, by what they show: an image that comes again, from
   * whatever source, is not encoded again. Off by default. {@link Blip2#imageCacheStatistics}
   * counts its hits.
   *
   * @param mostBytes what it may take; an encoded image of blip2-opt-2.7b has 0.33 MB. 0 switches
   *     it off
   * @return this
   */
  public Blip2Builder imageCache(long mostBytes) {
    this.imageCacheBytes = atLeast(0, "imageCache", mostBytes);
    return this;
  }

  /**
   * Sets how much memory the kept beginnings of images may take: of a decoder alone (OPT) the keys
   * and values of an encoded image, from which each question about it starts. Only {@link
   * EncodedImage}s and images of the image cache have one. 256 MiB by default, some twelve images
   * of blip2-opt-2.7b; the least recently used are dropped beyond, and those of images that nobody
   * holds any more.
   *
   * @param mostBytes what they may take; 0 switches them off
   * @return this
   */
  public Blip2Builder prefixCache(long mostBytes) {
    this.prefixBytes = atLeast(0, "prefixCache", mostBytes);
    return this;
  }

  /**
   * Lets calls of many threads share the model's passes (continuous batching): captions, questions,
   * streams, conversations and batches take their steps together, each joining when its prompt has
   * been read and leaving when it ends. A step of eight rows costs two to three times one of one,
   * or hardly more where float32 weights are {@linkplain #weightLayout packed}; sixteen callers
   * were served 1.3 to 2.2 times as fast, and a caller who is alone is served as without it. Every
   * text is the one that its call alone would give, but for the rounding of sums, which depends on
   * the number of rows as it does within a batch: in float32 a token can differ where two logits
   * are within a thousandth, in lower precisions sooner.
   *
   * <p>Images are encoded, prompts read, candidates ranked and texts matched one pass at a time, at
   * most four between two steps, or beside them where there are cores beyond {@link #threads}.
   * Texts take part in the order in which they come; where more want to than there are rows, a text
   * makes room for the next one after 64 steps and waits for its next turn. A stream whose reader
   * is slow holds nobody up: it misses steps. What has more rows than a step (beams, several
   * sequences) takes its steps alone, in turn with the others'. A {@linkplain #draft draft} guesses
   * for a text only while no other is under way.
   *
   * <p>What a text waits counts for {@link GenerationOptions#maxTime}; one whose time is over, or
   * whose thread is interrupted, before its first token ends with none. If the engine fails in a
   * step, all texts in it fail. Off by default.
   *
   * @param rows of a step, at least 1; each takes the memory of its text's keys and values, which
   *     for a caption of blip2-opt-2.7b is 42 MB
   * @param waiting how many texts may be under way beyond that number; a call beyond both is
   *     refused with {@link OverloadedException}. A call that writes counts as one, however many
   *     requests it has, which are worked on in parts as there is room; a stream counts until it
   *     ends or is closed
   * @return this
   * @throws IllegalArgumentException if rows is below 1 or waiting below 0
   */
  public Blip2Builder concurrency(int rows, int waiting) {
    this.sharing = Sharing.of(rows, waiting);
    return this;
  }

  /**
   * Sets who is told what the model does: how long its stages take and what it writes.
   *
   * @param told called in the threads that use the model
   * @return this
   */
  public Blip2Builder inferenceListener(InferenceListener told) {
    this.inferenceListener = told;
    return this;
  }

  private static long atLeast(int least, String name, long number) {
    if (number < least) {
      throw new IllegalArgumentException(name + " (" + number + ") must be at least " + least);
    }
    return number;
  }

  /**
   * What the checkpoint can do, from its {@code config.json} alone: no weight is read, no backend
   * is needed. With {@link #download} the model is brought first.
   *
   * @return what {@link Blip2#capabilities} of the loaded model will say
   * @throws IllegalStateException if no model was named
   * @throws CheckpointException if there is no such checkpoint or its settings cannot be used
   */
  public Set<Capability> capabilities() {
    return Engine.capabilities(ModelConfig.read(directory()));
  }

  /**
   * Whether the model is on this machine: a checkpoint directory, or all files of a model in the
   * Hub cache. Connects to nothing.
   *
   * @return false if it would have to be downloaded
   * @throws IllegalStateException if no model was named
   * @throws CheckpointException if the name is neither a directory nor one that the Hub could have
   */
  public boolean isLocal() {
    return ModelLocator.ofProcess().isHere(named(), revision);
  }

  /**
   * Asks the Hub what the model consists of now, whatever is here already; transfers nothing yet.
   *
   * @return the model's files, which can be brought
   * @throws IllegalStateException if no model was named
   * @throws CheckpointException if the name is none that the Hub could have
   * @throws DownloadException if the Hub does not say; the message says why and what to do
   */
  public ModelDownload planDownload() {
    return new ModelDownload(ModelLocator.ofProcess().plan(named(), revision), listener);
  }

  private String named() {
    if (model == null) {
      throw new IllegalStateException("model must be named before load() and capabilities()");
    }
    return model;
  }

  private Path directory() {
    return ModelLocator.ofProcess().find(named(), revision, download, listener);
  }

  /**
   * Loads the model. Files, names and shapes have been checked when it returns; a backend may go on
   * opening the language model beside the first image, and what its engine refuses then is thrown
   * by the first text, as it would be here.
   *
   * @return the model; the caller closes it
   * @throws IllegalStateException if no model was named
   * @throws CheckpointException if the checkpoint is not there or cannot be used
   * @throws DownloadException if it is to be downloaded and cannot be
   * @throws BackendUnavailableException if the backend cannot run here
   */
  public Blip2 load() {
    return plan().load(settings(), memoryCheck);
  }

  private Engine.Settings settings() {
    return new Engine.Settings(
        imageOptions, imageCacheBytes, prefixBytes, sharing.of(threads), inferenceListener);
  }

  private Checkpoint checkpoint(Path directory, Path cache) {
    Checkpoint stored = Checkpoint.open(directory, cache);
    if (adapter != null) {
      Path added = ModelLocator.ofProcess().findAdapter(adapter, download, listener);
      stored = stored.withAdapter(added, cache, listener);
    }
    return imageSize == 0 ? stored : stored.withImageSize(imageSize, cache);
  }

  /**
   * Converts the model into a bundle: one folder with the weights in the chosen precisions, which
   * {@link #model(Path)} loads anywhere without this checkpoint and without a cache, and whose
   * texts are those of this checkpoint in these precisions. {@code docs/bundles.md} has its layout.
   * The folder appears when it is whole and on the disk; if anything fails, nothing is seen of it.
   * Used are the model, its revision, backend, device, precisions, calibration and listener.
   *
   * @param output the folder to make; must not exist
   * @throws IllegalStateException if no model or no precision was chosen, or an image size or a
   *     draft, which a bundle does not have
   * @throws CheckpointException if the checkpoint cannot be used or is such a bundle, or the folder
   *     is there or cannot be written
   * @throws BackendUnavailableException if the backend cannot run, or store such weights
   */
  public void convert(Path output) {
    if (imageSize != 0 || draft != null) {
      throw new IllegalStateException(
          "imageSize and draft must be chosen when a bundle is loaded, not when it is made");
    }
    if (precisions == null && recipe == null) {
      throw new IllegalStateException("precisions or a recipe must be chosen before convert()");
    }
    Planned planned = plan();
    Checkpoint source = planned.request().checkpoint();
    Bundle.Origin origin = Bundle.Origin.of(String.valueOf(model), revision, source);
    planned.convert(new Planned.Conversion(origin, calibration, settings()), output);
  }

  /**
   * Sets what {@link #convert} rounds weights of four bits for.
   *
   * @param chosen images and prompts; none by default
   * @return this
   */
  public Blip2Builder calibration(Calibration chosen) {
    this.calibration = chosen;
    return this;
  }

  private Planned plan() {
    Path directory = directory();
    Path cache = cacheDirectory == null ? Blip2.defaultCacheDirectory() : cacheDirectory;
    Checkpoint checkpoint = Planned.besideStart(backend, cache, () -> checkpoint(directory, cache));
    ExecutionPlan.Wishes wishes =
        new ExecutionPlan.Wishes(backend, device, threads, precisions, layout, draft, recipe);
    return Planned.of(
        new Planned.Asked(checkpoint, wishes, cache, listener),
        memoryCheck ? Host.availableMemory() : OptionalLong.empty());
  }
}
