package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.VisionConfig;
import io.github.blip2j.files.Json;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint directory in the Hub's layout, its settings and headers read and checked. No weight
 * has been read and no file is open.
 *
 * @param directory where it lies
 * @param config {@code config.json}
 * @param imageProcessor how images are prepared
 * @param tokenizer path of {@code tokenizer.json}
 * @param weights the stored tensors
 * @param adapter digest of the adapter that was merged into them; empty without one
 * @param bundle what it says of itself if it was converted; null of others
 */
public record Checkpoint(
    Path directory,
    ModelConfig config,
    ImageProcessorConfig imageProcessor,
    Path tokenizer,
    Weights weights,
    String adapter,
    @Nullable Bundle bundle) {

  private static final String FORCED =
      "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output";
  private static final String INSTRUCTIONS = "qformer_tokenizer/tokenizer.json";

  /**
   * Reads the settings and headers of a checkpoint that can be used where it lies.
   *
   * @param directory as for {@link #open(Path, Path)}
   * @return the checkpoint
   * @throws CheckpointException as there, and if a tensor is not stored row-major, or is quantised
   */
  public static Checkpoint open(Path directory) {
    return open(
        directory,
        () -> {
          throw new CheckpointException(
              directory
                  + ": expected row-major tensors of plain numbers, found others: they must be"
                  + " rewritten, so that a cache directory must be named");
        });
  }

  /**
   * Reads a checkpoint's settings and headers.
   *
   * @param directory with {@code config.json}, {@code tokenizer.json} and {@code
   *     model.safetensors}, or else {@code pytorch_model.bin}, or an {@code .index.json} of either
   *     and its shards; or of BLIP-2's first stage LAVIS's {@code .pth} files
   * @param cacheDirectory where tensors of a {@code .bin} file that are not row-major are
   *     rewritten, and weights that bitsandbytes quantised (8-bit, NF4) are kept as the numbers
   *     that they are
   * @return the checkpoint
   * @throws CheckpointException if anything is missing or wrong; the message names the file, what
   *     was expected and what was found
   */
  public static Checkpoint open(Path directory, Path cacheDirectory) {
    return open(directory, () -> cacheDirectory);
  }

  private static Checkpoint open(Path directory, Supplier<Path> cache) {
    if (!Files.isDirectory(directory)) {
      throw new CheckpointException(
          directory + ": expected a checkpoint directory, found " + kind(directory));
    }
    AdapterConfig.refuseAsModel(directory);
    Json described = Bundle.describedBy(directory);
    ModelConfig config = ModelConfig.read(directory);
    Path tokenizer = directory.resolve("tokenizer.json");
    if (!Files.isRegularFile(tokenizer)) {
      throw new CheckpointException(tokenizer + ": expected the tokenizer, found none");
    }
    Path instructions = directory.resolve(INSTRUCTIONS);
    if (config.qformer().instruction() != null && !Files.isRegularFile(instructions)) {
      throw new CheckpointException(
          instructions + ": expected the Q-Former's tokenizer, found none");
    }
    Map<String, WeightTensor> files =
        LavisWeights.lieIn(directory)
            ? LavisWeights.read(directory, config.vision().layers(), cache)
            : Unpacking.unpacked(byName(Weights.ofModel(directory, cache)), cache);
    Bundle bundle = described == null ? null : Bundle.of(directory, described, files);
    Map<String, WeightTensor> stored = bundle == null ? files : bundle.weights();
    StoredLayers.check(config, stored.keySet());
    return new Checkpoint(
        directory,
        config,
        ProcessorFiles.read(directory, config),
        tokenizer,
        Weights.of(TiedTensors.named(stored, config.head())),
        "",
        bundle);
  }

  /**
   * The same with a PEFT adapter merged into its weights (Hu et al. 2021, LoRA): what the adapter
   * changes is written to a derived file once, in float32; all else stays where it is.
   *
   * @param adapterDirectory with {@code adapter_config.json} and {@code adapter_model.safetensors}
   *     or {@code adapter_model.bin}
   * @param cacheDirectory where the merged weights are kept
   * @param listener is told of {@code merging adapter} while they are computed: bytes of the
   *     weights that change; of nothing where the derived file is there
   * @return the changed checkpoint, of another {@linkplain #identity identity}
   * @throws CheckpointException if the adapter is of a kind that cannot be merged, or does not fit
   *     these weights; the message has what was expected and found
   */
  public Checkpoint withAdapter(Path adapterDirectory, Path cacheDirectory, LoadListener listener) {
    return AdapterMerge.merged(this, adapterDirectory, cacheDirectory, listener);
  }

  /**
   * The same without a listener.
   *
   * @param adapterDirectory as there
   * @param cacheDirectory as there
   * @return the changed checkpoint
   * @throws CheckpointException as there
   */
  public Checkpoint withAdapter(Path adapterDirectory, Path cacheDirectory) {
    return withAdapter(adapterDirectory, cacheDirectory, LoadListener.NONE);
  }

  /**
   * Writes this checkpoint in the Hub's layout with some of its tensors changed: settings,
   * tokenizer and model card are copied as they are, unchanged tensors keep their types. The folder
   * appears when it is whole and on the disk.
   *
   * @param output the folder to make; must not exist
   * @param changed numbers of tensors by their names, row-major; stored as float32
   * @throws CheckpointException as {@link #requireWritable}, and if a name is none of this
   *     checkpoint's, a size is another, or the folder is there or cannot be written
   */
  public void writeWith(Path output, Map<String, float[]> changed) {
    new ChangedCheckpoint(this, changed).write(output);
  }

  /**
   * Demands that this checkpoint can be written with changed tensors: before hours are spent on
   * them.
   *
   * @throws CheckpointException if its weights are packed or have been prepared for a backend, or
   *     its images are of another size than its settings, which are copied, have it
   */
  public void requireWritable() {
    ChangedCheckpoint.requireWritable(this);
  }

  /** The same over other weights. */
  Checkpoint withWeights(Map<String, WeightTensor> tensors, String merged) {
    return new Checkpoint(
        directory,
        config,
        imageProcessor,
        tokenizer,
        Weights.of(tensors),
        adapter + merged,
        bundle);
  }

  /**
   * The files that hold the weights, symbolic links resolved.
   *
   * @return real paths, each once, in the order of their first tensor
   */
  public List<Path> weightFiles() {
    Set<Path> files = new LinkedHashSet<>();
    weights.all().forEach(t -> files.add(t.file()));
    return List.copyOf(files);
  }

  /**
   * Path of the tokenizer by which the Q-Former reads instructions.
   *
   * @return {@code qformer_tokenizer/tokenizer.json}; there if the checkpoint's Q-Former reads any
   */
  public Path instructionTokenizer() {
    return directory.resolve(INSTRUCTIONS);
  }

  /**
   * The same for images of another size, with interpolated position embeddings (Transformers,
   * {@code interpolate_pos_encoding}).
   *
   * @param side of the square image in pixels; a multiple of the patch size
   * @param cacheDirectory where the interpolated embeddings are kept
   * @return the changed checkpoint, or this one if the size is its own
   * @throws CheckpointException if the patch size does not divide the side
   */
  public Checkpoint withImageSize(int side, Path cacheDirectory) {
    VisionConfig before = config.vision();
    if (side == before.imageSize()) {
      return this;
    }
    VisionConfig after = before.withImageSize(side);
    WeightTensor positions =
        weights
            .at("vision_model.embeddings")
            .tensor("position_embedding", 1, before.patches(), before.hiddenSize());
    WeightTensor resized =
        PositionInterpolation.resized(positions, before, side, identity(), cacheDirectory);
    Map<String, WeightTensor> tensors = byName(weights);
    tensors.put(positions.name(), resized);
    return new Checkpoint(
        directory,
        new ModelConfig(after, config.qformer(), config.head(), config.imageToken()),
        imageProcessor.withSize(side),
        tokenizer,
        Weights.of(tensors),
        adapter,
        bundle);
  }

  /**
   * What the checkpoint computes.
   *
   * @return its stages over these weights, all names and shapes checked
   * @throws CheckpointException if a tensor is missing or has another shape than its configuration
   */
  public ModelProgram program() {
    return config.program(weights);
  }

  /**
   * What tells this checkpoint from others, wherever it lies: its settings, the adapter that was
   * merged into it, every tensor's name, type and shape, the contents of the small ones, every bias
   * and norm among them, and the beginning of the large ones.
   *
   * @return 32 hexadecimal digits
   * @throws CheckpointException if a weight file cannot be read
   */
  public String identity() {
    return CheckpointIdentity.of(this);
  }

  /**
   * Whether texts are given without the spaces that a tokenizer's words put in front of
   * punctuation: {@code clean_up_tokenization_spaces} of {@code tokenizer_config.json}, which the
   * reference ignores for byte-pair encoding unless a second setting insists.
   *
   * @param bpe whether the tokenizer's model is byte-pair encoding
   * @return true if they are to be taken out; false where the file or the setting is absent
   * @throws CheckpointException if the file is damaged
   */
  public boolean cleansUpSpaces(boolean bpe) {
    return Json.find(directory.resolve("tokenizer_config.json"))
        .map(
            json ->
                json.flag("clean_up_tokenization_spaces", false)
                    && (!bpe || json.flag(FORCED, false)))
        .orElse(false);
  }

  /** All tensors in their order. */
  static Map<String, WeightTensor> byName(Weights weights) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    weights.all().forEach(t -> tensors.put(t.name(), t));
    return tensors;
  }

  private static String kind(Path path) {
    return Files.exists(path) ? "a file" : "nothing there";
  }
}
