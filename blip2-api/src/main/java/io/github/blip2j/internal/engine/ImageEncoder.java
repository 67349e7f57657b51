package io.github.blip2j.internal.engine;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.RetrievalConfig;
import io.github.blip2j.files.WeightFiles;
import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSequence;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.Patience;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.features.ImageFeatures;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * From images to what the Q-Former reads of them, with a cache by content. Borrows the model; safe
 * for many threads.
 */
final class ImageEncoder {
  private static final int MOST_TOGETHER = 8; // images in one pass: activations grow with them

  private final ModelConfig config;
  private final ImageFeatures.Origin origin;
  private final ImageReader reader = new ImageReader();
  private final ImageOptions options;
  private final ImageProcessor processor;
  private final LoadedModel model;
  private final WeightFiles files;
  private final BoundedCache<String, EncodedImage> cache;
  private final Engine.Concurrency concurrency;
  private final InferenceListener listener;

  ImageEncoder(Engine.Parts parts, Engine.Settings settings) {
    Checkpoint checkpoint = parts.checkpoint();
    this.files = parts.files();
    this.config = checkpoint.config();
    this.origin = parts.origin();
    this.options = settings.images();
    this.processor = new ImageProcessor(checkpoint.imageProcessor());
    this.model = parts.model();
    this.concurrency = settings.concurrency();
    this.listener = settings.listener();
    this.cache = new BoundedCache<>(settings.imageCacheBytes(), ImageEncoder::bytes, image -> {});
  }

  private static long bytes(EncodedImage image) {
    return 4L * (image.features().flatProjected().length + image.features().patches().length);
  }

  ModelConfig config() {
    return config;
  }

  /** How calls share the model. */
  Engine.Concurrency concurrency() {
    return concurrency;
  }

  /** Who is told what the model does. */
  InferenceListener listener() {
    return listener;
  }

  /** A clock for one call. */
  StageClock clock() {
    return new StageClock(listener);
  }

  ImageFeatures.Origin origin() {
    return origin;
  }

  /** Whether images are recognised when they come again. */
  boolean remembers() {
    return cache.on();
  }

  CacheStatistics statistics() {
    return cache.statistics();
  }

  /** Encodes one that nobody times. */
  EncodedImage encode(ImageInput image) {
    return encode(List.of(image), clock()).get(0);
  }

  /**
   * Encodes those that are not encoded yet, together.
   *
   * @throws IllegalArgumentException if one was encoded by another checkpoint
   * @throws InferenceException if the thread is interrupted while it waits for its turn
   */
  List<EncodedImage> encode(List<? extends ImageInput> images, StageClock clock) {
    try {
      return encode(images, clock, Patience.UNTIL_INTERRUPTED);
    } catch (Turns.GivenUp e) {
      throw interrupted("vision", e);
    }
  }

  /** What the vision encoder alone makes of an image, (N,E). */
  float[] patches(ImageSource image) {
    float[] pixels = pixels(image);
    requireUnchangedFiles();
    return Numbers.require("vision", patches(pixels));
  }

  private float[] pixels(ImageSource source) {
    return processor.process(reader.read(source, options), source.name());
  }

  /** What a call that has no result without an image throws. */
  static InferenceException interrupted(String what, Turns.GivenUp cause) {
    return new InferenceException(what + ": stopped, since the thread was interrupted", cause);
  }

  /**
   * Encodes those that are not encoded yet: together, or where calls take turns one after another.
   *
   * @param images of a sequence all are encoded, and are one from then on
   * @throws IllegalArgumentException if one was encoded by another checkpoint, or is of several
   *     where this checkpoint takes one
   * @throws Turns.GivenUp if the patience ends before its turn comes
   */
  List<EncodedImage> encode(
      List<? extends ImageInput> images, StageClock clock, Patience patience) {
    images.forEach(this::count);
    List<ImageInput> single = new ArrayList<>();
    images.forEach(image -> single.addAll(parts(image)));
    List<EncodedImage> encoded = encodeEach(single, clock, patience);
    List<EncodedImage> whole = new ArrayList<>();
    int at = 0;
    for (ImageInput image : images) {
      int count = parts(image).size();
      whole.add(joined(encoded.subList(at, at + count)));
      at += count;
    }
    return whole;
  }

  /**
   * How many images stand for one in a prompt.
   *
   * @throws IllegalArgumentException if one was encoded by another checkpoint, or they are several,
   *     and this checkpoint takes one
   */
  int count(ImageInput image) {
    int count = 0;
    for (ImageInput part : parts(image)) {
      if (part instanceof EncodedImage encoded) {
        encoded.features().require(origin);
        count += encoded.features().images(config);
      } else {
        count++;
      }
    }
    if (count > 1 && config.qformer().instruction() == null) {
      throw new IllegalArgumentException(
          "images ("
              + count
              + ") must be 1 for this checkpoint: only one whose Q-Former reads instructions"
              + " (InstructBLIP) takes several in one prompt; ask about each by itself");
    }
    return count;
  }

  private static List<ImageInput> parts(ImageInput image) {
    return image instanceof ImageSequence sequence ? sequence.images() : List.of(image);
  }

  private static EncodedImage joined(List<EncodedImage> parts) {
    return parts.size() == 1
        ? parts.get(0)
        : new EncodedImage(
            ImageFeatures.joined(parts.stream().map(EncodedImage::features).toList()));
  }

  private List<EncodedImage> encodeEach(
      List<ImageInput> images, StageClock clock, Patience patience) {
    EncodedImage[] encoded = new EncodedImage[images.size()];
    List<Integer> open = new ArrayList<>();
    List<float[]> pixels = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < encoded.length; i++) {
      if (images.get(i) instanceof EncodedImage already) {
        already.features().require(origin);
        already.features().requireShape(config);
        encoded[i] = already;
        continue;
      }
      ImageSource source = (ImageSource) images.get(i);
      float[] one = clock.time(ModelStage.PREPROCESSING, () -> pixels(source));
      String key = cache.on() ? key(one) : "";
      Optional<EncodedImage> known = cache.on() ? cache.find(key) : Optional.empty();
      if (known.isPresent()) {
        encoded[i] = known.get();
      } else {
        open.add(i);
        pixels.add(one);
        keys.add(key);
      }
    }
    if (!open.isEmpty()) {
      List<EncodedImage> fresh = inTurns(pixels, clock, patience);
      for (int i = 0; i < open.size(); i++) {
        encoded[open.get(i)] = fresh.get(i);
        if (cache.on()) {
          cache.put(keys.get(i), fresh.get(i));
        }
      }
    }
    return List.of(encoded);
  }

  /**
   * The vision encoder's vectors (N,E) of an image.
   *
   * @throws IllegalArgumentException if it is encoded already and they were not kept, or is of
   *     several
   * @throws InferenceException if the thread is interrupted while it waits for its turn
   */
  float[] patches(ImageInput whole) {
    int count = count(whole);
    if (count > 1) {
      throw new IllegalArgumentException(
          "images ("
              + count
              + ") must be 1 to see where the Q-Former looks: ask for each by itself");
    }
    ImageInput image = parts(whole).get(0);
    if (image instanceof EncodedImage encoded) {
      encoded.features().require(origin);
      encoded.features().requireShape(config);
      if (encoded.features().patches().length == 0) {
        throw new IllegalArgumentException(
            "image: expected the image itself, since this checkpoint's encoded images keep no"
                + " patches, found one that is encoded already");
      }
      return encoded.features().patches();
    }
    float[] pixels = pixels((ImageSource) image);
    requireUnchangedFiles();
    return Numbers.require("vision", patches(pixels));
  }

  private float[] patches(float[] pixels) {
    return inTurn("vision", clock(), () -> model.vision().encode(pixels, 1));
  }

  /**
   * A pass at the engine that no text waits for. It must not ask for another turn.
   *
   * @param what is named if it is not done
   * @throws InferenceException if the thread is interrupted while it waits for its turn
   */
  <R> R inTurn(String what, StageClock clock, Supplier<R> pass) {
    try {
      return inTurn(Patience.UNTIL_INTERRUPTED, clock, pass);
    } catch (Turns.GivenUp e) {
      throw interrupted(what, e);
    }
  }

  /**
   * A pass at the engine. It must not ask for another turn.
   *
   * @param clock by which it times its stages; a listener is told of them after the turn
   * @throws Turns.GivenUp if the patience ends before its turn comes
   */
  <R> R inTurn(Patience patience, StageClock clock, Supplier<R> pass) {
    Turns turns = concurrency.turns();
    return turns.areLimited() ? clock.silently(() -> turns.during(patience, pass)) : pass.get();
  }

  /**
   * Before anything is computed of mapped weights.
   *
   * @throws CheckpointException if a file was written to since the model was opened
   */
  void requireUnchangedFiles() {
    files.requireUnchanged();
  }

  /**
   * Before weights are read by their files' names.
   *
   * @throws CheckpointException if a file is another one than when the model was opened
   */
  void requireSameFiles() {
    files.requireSame();
  }

  private List<EncodedImage> inTurns(List<float[]> pixels, StageClock clock, Patience patience) {
    List<EncodedImage> images = new ArrayList<>();
    if (!concurrency.turns().areLimited()) {
      for (int from = 0; from < pixels.size(); from += MOST_TOGETHER) {
        int to = Math.min(pixels.size(), from + MOST_TOGETHER);
        images.addAll(run(pixels.subList(from, to), clock));
      }
      return images;
    }
    for (float[] one : pixels) { // texts go on between them
      images.addAll(inTurn(patience, clock, () -> run(List.of(one), clock)));
    }
    return images;
  }

  private List<EncodedImage> run(List<float[]> pixels, StageClock clock) {
    requireUnchangedFiles();
    int batch = pixels.size();
    int size = config.vision().pixels();
    float[] all = new float[Math.multiplyExact(size, batch)];
    for (int i = 0; i < batch; i++) {
      System.arraycopy(pixels.get(i), 0, all, i * size, size);
    }
    float[] patches = clock.time(ModelStage.VISION, () -> model.vision().encode(all, batch));
    if (config.qformer().instruction() != null) {
      return unread(Numbers.require("vision", patches), batch);
    }
    QFormer.Output read =
        clock.time(ModelStage.QFORMER, () -> model.qformer().encode(patches, batch));
    Numbers.require("qformer", read.queries());
    Numbers.require("projection", read.projected());
    boolean keep = config.head() instanceof RetrievalConfig;
    if (keep) {
      Numbers.require("vision", patches);
    }
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      images.add(
          new EncodedImage(
              new ImageFeatures(
                  origin,
                  config.qformer().queries(),
                  part(read.queries(), i, batch),
                  part(read.projected(), i, batch),
                  keep ? part(patches, i, batch) : new float[0])));
    }
    return images;
  }

  /** Images whose patches wait for the instructions that the Q-Former reads them with. */
  private List<EncodedImage> unread(float[] patches, int batch) {
    List<EncodedImage> images = new ArrayList<>();
    for (int i = 0; i < batch; i++) {
      float[] own = part(patches, i, batch);
      images.add(new EncodedImage(new ImageFeatures(origin, 0, new float[0], new float[0], own)));
    }
    return images;
  }

  private static float[] part(float[] all, int index, int count) {
    int size = all.length / count;
    return Arrays.copyOfRange(all, index * size, (index + 1) * size);
  }

  /** Images are the same if the vision encoder is given the same numbers. */
  private static String key(float[] pixels) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer bytes = ByteBuffer.allocate(4 * pixels.length);
      bytes.asFloatBuffer().put(pixels);
      return HexFormat.of().formatHex(digest.digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
