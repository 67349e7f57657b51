package io.github.blip2j.internal.features;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.internal.values.Numbers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What a model has made of an image, and its file: safetensors, as {@code EncodedImage} describes
 * it. Immutable: arrays are not to be changed. Safe for many threads.
 */
public final class ImageFeatures {
  private static final String FORMAT = "blip2-encoded-image";
  private static final String VERSION = "2";
  private static final List<String> READABLE = List.of("1", VERSION);
  private static final String CHECKSUM = "crc32c";
  private static final long MOST_NUMBERS = 1 << 28; // of a tensor; published ones have 362 000

  private final Origin origin;
  private final int queries;
  private final float[] states; // (Q,D)
  private final float[] projected; // (Q,d)
  private final float[] patches; // (N,E), or empty

  /**
   * What an encoded image was made with.
   *
   * @param checkpoint identity of the checkpoint
   * @param preprocessing settings of the image processor
   */
  public record Origin(String checkpoint, String preprocessing) {
    /**
     * That of a checkpoint.
     *
     * @param checkpoint that encodes
     * @return its identity and settings
     */
    public static Origin of(Checkpoint checkpoint) {
      return new Origin(checkpoint.identity(), checkpoint.imageProcessor().toString());
    }
  }

  /**
   * Takes over what a model has computed.
   *
   * @param origin of the model
   * @param queries Q; 0 if the Q-Former has not read it, as it waits for an instruction
   * @param states (Q, D)
   * @param projected (Q, d)
   * @param patches (N, E), of several images one behind the other, or empty
   */
  public ImageFeatures(
      Origin origin, int queries, float[] states, float[] projected, float[] patches) {
    this.origin = origin;
    this.queries = queries;
    this.states = states;
    this.projected = projected;
    this.patches = patches;
  }

  /**
   * The checkpoint that encoded it.
   *
   * @return {@link Checkpoint#identity()}
   */
  public String checkpoint() {
    return origin.checkpoint();
  }

  /** Q-Former's last hidden state as (Q, D); a copy. */
  public float[][] queries() {
    return rows(states);
  }

  /** The query vectors in the space of the language model or of texts as (Q, d); a copy. */
  public float[][] projected() {
    return rows(projected);
  }

  private float[][] rows(float[] flat) {
    int width = flat.length / Math.max(1, queries);
    float[][] rows = new float[queries][];
    for (int i = 0; i < queries; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
    }
    return rows;
  }

  /**
   * Several images as one: what the vision encoder gave of each, one behind the other.
   *
   * @param images at least one, of one origin, that wait for an instruction
   * @return all of them, in order
   * @throws IllegalArgumentException if they are too many
   */
  public static ImageFeatures joined(List<ImageFeatures> images) {
    if (images.size() == 1) {
      return images.get(0);
    }
    long size = images.stream().mapToLong(i -> i.patches.length).sum();
    if (size > MOST_NUMBERS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "images (%d) must have at most %d numbers of patches, but have %d: give fewer",
              images.size(),
              MOST_NUMBERS,
              size));
    }
    float[] all = new float[(int) size];
    int at = 0;
    for (ImageFeatures image : images) {
      System.arraycopy(image.patches, 0, all, at, image.patches.length);
      at += image.patches.length;
    }
    return new ImageFeatures(images.get(0).origin, 0, new float[0], new float[0], all);
  }

  /**
   * How many images these are: several can be in one prompt where the Q-Former reads instructions.
   *
   * @param config of the model
   * @return at least 1
   */
  public int images(ModelConfig config) {
    return queries > 0 ? 1 : Math.max(1, (int) (patches.length / onePatches(config)));
  }

  private static long onePatches(ModelConfig config) {
    return (long) config.vision().patches() * config.vision().hiddenSize();
  }

  /**
   * The same without a copy, not to be changed.
   *
   * @return (Q, d)
   */
  public float[] flatProjected() {
    return projected;
  }

  /** The mean of the projected query vectors, of length 1 (d). */
  public float[] meanProjected() {
    if (queries == 0) {
      throw new IllegalStateException(
          "an image must have query vectors of its own, but this checkpoint's Q-Former reads images"
              + " together with an instruction only");
    }
    double[] sum = new double[projected.length / queries];
    for (int i = 0; i < projected.length; i++) {
      sum[i % sum.length] += projected[i];
    }
    double length = Math.sqrt(Arrays.stream(sum).map(v -> v * v).sum());
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / Math.max(length, Float.MIN_NORMAL));
    }
    return mean;
  }

  /**
   * What the vision encoder gave, not to be changed.
   *
   * @return (N, E), of several images one behind the other; empty where nothing needs it
   */
  public float[] patches() {
    return patches;
  }

  /**
   * Refuses an image that another checkpoint encoded.
   *
   * @param expected of the model
   * @throws IllegalArgumentException if the origins differ
   */
  public void require(Origin expected) {
    if (!origin.checkpoint().equals(expected.checkpoint())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "encoded image: expected one of checkpoint %s, found one of checkpoint %s",
              expected.checkpoint(),
              origin.checkpoint()));
    }
    if (!origin.preprocessing().equals(expected.preprocessing())) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "encoded image: expected preprocessing %s, found %s",
              expected.preprocessing(),
              origin.preprocessing()));
    }
  }

  /**
   * Refuses an image whose vectors are not as many as a model's.
   *
   * @param config of the model
   * @throws IllegalArgumentException naming expected and found
   */
  public void requireShape(ModelConfig config) {
    boolean instructed = config.qformer().instruction() != null;
    int count = instructed ? 0 : config.qformer().queries();
    require("queries", count, queries);
    require("numbers of queries", (long) count * config.qformer().hiddenSize(), states.length);
    require("numbers of projected", (long) count * config.projectedSize(), projected.length);
    boolean kept = instructed || config.head() instanceof RetrievalConfig;
    long all = instructed ? images(config) * onePatches(config) : onePatches(config);
    require("numbers of patches", kept ? all : 0, patches.length);
  }

  private static void require(String what, long expected, long found) {
    if (expected != found) {
      throw new IllegalArgumentException(
          "encoded image: expected " + expected + " " + what + ", found " + found);
    }
  }

  /**
   * Writes with further entries in the header.
   *
   * @param file is replaced if it is there
   * @param more entries by name
   */
  public void save(Path file, Map<String, String> more) {
    Map<String, String> metadata = new TreeMap<>(more);
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("checkpoint", origin.checkpoint());
    metadata.put("preprocessing", origin.preprocessing());
    metadata.put(CHECKSUM, checksum(metadata, states, projected, patches));
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    if (queries > 0) {
      entries.add(entry("queries", states));
      entries.add(entry("projected", projected));
    }
    if (patches.length > 0) {
      entries.add(
          new SafetensorsWriter.Entry("patches", DType.F32, List.of((long) patches.length)));
    }
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      write(writer, states);
      write(writer, projected);
      write(writer, patches);
      writer.commit();
    }
  }

  private SafetensorsWriter.Entry entry(String name, float[] values) {
    List<Long> shape = List.of((long) queries, (long) values.length / queries);
    return new SafetensorsWriter.Entry(name, DType.F32, shape);
  }

  private static void write(SafetensorsWriter writer, float[] values) {
    writer.write(bytes(values));
  }

  /**
   * Reads an image that {@link #save} wrote. Whether it fits a model is checked when the model is
   * given it.
   *
   * @param file where it is
   * @return the image
   * @throws CheckpointException if the file is missing, cut or something else
   */
  public static ImageFeatures load(Path file) {
    Map<String, String> metadata = Weights.metadata(file);
    if (!FORMAT.equals(metadata.get("format"))
        || !READABLE.contains(metadata.getOrDefault("version", ""))) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected format %s version %s, found %s version %s",
              file,
              FORMAT,
              String.join(" or ", READABLE),
              metadata.get("format"),
              metadata.get("version")));
    }
    Map<String, WeightTensor> tensors =
        Weights.ofFile(file).all().stream().collect(Collectors.toMap(WeightTensor::name, t -> t));
    Origin origin =
        new Origin(text(file, metadata, "checkpoint"), text(file, metadata, "preprocessing"));
    @Nullable WeightTensor patches = tensors.get("patches");
    boolean alone = patches != null && VERSION.equals(metadata.get("version"));
    boolean read = !alone || tensors.containsKey("queries") || tensors.containsKey("projected");
    int count = read ? queries(file, tensors) : 0;
    float[] states = read ? numbers(file, tensor(file, tensors, "queries")) : new float[0];
    float[] projected = read ? numbers(file, tensor(file, tensors, "projected")) : new float[0];
    float[] seen = patches == null ? new float[0] : numbers(file, patches);
    requireChecksum(file, metadata, checksum(metadata, states, projected, seen));
    return new ImageFeatures(origin, count, states, projected, seen);
  }

  /** Number of query vectors, of which there are as many before and after the projection. */
  private static int queries(Path file, Map<String, WeightTensor> tensors) {
    WeightTensor queries = tensor(file, tensors, "queries");
    WeightTensor projection = tensor(file, tensors, "projected");
    boolean matrices = queries.shape().size() == 2 && projection.shape().size() == 2;
    int count = matrices && queries.shape().get(0) <= MOST_NUMBERS ? queries.size(0) : 0;
    if (count < 1 || projection.shape().get(0) != count) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected queries (Q, D) and projected (Q, d), found %s and %s",
              file,
              queries.shape(),
              projection.shape()));
    }
    return count;
  }

  private static void requireChecksum(Path file, Map<String, String> metadata, String found) {
    String stored = text(file, metadata, CHECKSUM);
    if (!stored.equals(found)) {
      throw new CheckpointException(
          file + ": expected the checksum " + stored + ", found " + found + ": it is damaged");
    }
  }

  private static float[] numbers(Path file, WeightTensor tensor) {
    if (tensor.dtype() != DType.F32 || tensor.elements() > MOST_NUMBERS) {
      throw new CheckpointException(
          file
              + ": "
              + tensor.name()
              + ": expected at most "
              + MOST_NUMBERS
              + " numbers in F32, found "
              + tensor.elements()
              + " in "
              + tensor.dtype());
    }
    float[] numbers = tensor.floats(0, (int) tensor.elements());
    int bad = Numbers.firstBad(numbers);
    if (bad >= 0) {
      throw new CheckpointException(
          file + ": " + tensor.name() + ": expected finite numbers, found " + numbers[bad]);
    }
    return numbers;
  }

  /** Of all entries but the checksum itself, and of the data, in their order in the file. */
  public static String checksum(Map<String, String> metadata, float[]... data) {
    CRC32C sum = new CRC32C();
    new TreeMap<>(metadata)
        .forEach(
            (key, value) -> {
              if (!key.equals(CHECKSUM)) {
                sum.update((key + '\0' + value + '\0').getBytes(StandardCharsets.UTF_8));
              }
            });
    for (float[] values : data) {
      sum.update(bytes(values));
    }
    return Long.toHexString(sum.getValue());
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  /**
   * Sizes and origin; no values.
   *
   * @return such as {@code ImageFeatures[32 queries of 768, projected to 2560, checkpoint 5f0c…]}
   */
  @Override
  public String toString() {
    if (queries == 0) {
      return String.format(
          Locale.ROOT,
          "EncodedImage[0 queries, %d numbers of patches, checkpoint %s]",
          patches.length,
          checkpoint());
    }
    return "EncodedImage["
        + queries
        + " queries of "
        + states.length / Math.max(1, queries)
        + ", projected to "
        + projected.length / Math.max(1, queries)
        + ", checkpoint "
        + checkpoint()
        + "]";
  }

  private static WeightTensor tensor(Path file, Map<String, WeightTensor> tensors, String name) {
    @Nullable WeightTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(file + ": expected a tensor " + name + ", found none");
    }
    return tensor;
  }

  private static String text(Path file, Map<String, String> metadata, String name) {
    String value = metadata.get(name);
    if (value == null) {
      throw new CheckpointException(file + ": __metadata__: expected " + name + ", found none");
    }
    return value;
  }
}
