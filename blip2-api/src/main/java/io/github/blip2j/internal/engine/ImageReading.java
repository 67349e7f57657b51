package io.github.blip2j.internal.engine;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.internal.decoding.Patience;
import io.github.blip2j.internal.decoding.Turns;
import io.github.blip2j.internal.values.Numbers;
import io.github.blip2j.spi.QFormer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * From encoded images and prompts to what the language model is given of them. A Q-Former that
 * reads images alone has read them already; one that reads instructions does so here: each image
 * once with all its prompts, and of several images in one prompt each by itself. Borrows the model;
 * safe for many threads.
 */
final class ImageReading {
  private static final int MOST_INSTRUCTIONS = 32; // in one pass

  private final ImageEncoder encoder;
  private final QFormer qformer;
  private final boolean instructed;

  ImageReading(ImageEncoder encoder, QFormer qformer) {
    this.encoder = encoder;
    this.qformer = qformer;
    this.instructed = encoder.config().qformer().instruction() != null;
  }

  /** Whether what is read of an image depends on the prompt. */
  boolean instructed() {
    return instructed;
  }

  /**
   * One image for one prompt.
   *
   * @throws InferenceException if the thread is interrupted while it waits for its turn
   */
  ReadImage read(EncodedImage image, PromptTokens prompt, StageClock clock) {
    try {
      return read(List.of(image), List.of(prompt), clock, Patience.UNTIL_INTERRUPTED).get(0);
    } catch (Turns.GivenUp e) {
      throw ImageEncoder.interrupted("qformer", e);
    }
  }

  /**
   * Each image for its prompt.
   *
   * @param prompts as many as images
   * @throws Turns.GivenUp if the patience ends before its turn comes
   */
  List<ReadImage> read(
      List<EncodedImage> images, List<PromptTokens> prompts, StageClock clock, Patience patience) {
    if (!instructed) {
      return images.stream()
          .map(image -> new ReadImage(image, image.features().flatProjected(), false))
          .toList();
    }
    encoder.requireUnchangedFiles();
    Map<EncodedImage, Map<List<Integer>, int[]>> asked = new LinkedHashMap<>();
    for (int i = 0; i < images.size(); i++) {
      int[] instruction = prompts.get(i).requireReadable().instruction();
      asked
          .computeIfAbsent(images.get(i), image -> new LinkedHashMap<>())
          .put(key(instruction), instruction);
    }
    Map<EncodedImage, Map<List<Integer>, float[]>> read = new HashMap<>();
    asked.forEach(
        (image, instructions) -> read.put(image, features(image, instructions, clock, patience)));
    List<ReadImage> all = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      Map<List<Integer>, float[]> own = Objects.requireNonNull(read.get(images.get(i)));
      float[] features = Objects.requireNonNull(own.get(key(prompts.get(i).instruction())));
      all.add(new ReadImage(images.get(i), features, true));
    }
    return all;
  }

  private static List<Integer> key(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  private Map<List<Integer>, float[]> features(
      EncodedImage image,
      Map<List<Integer>, int[]> instructions,
      StageClock clock,
      Patience patience) {
    List<int[]> ids = new ArrayList<>(instructions.values());
    Map<List<Integer>, float[]> features = new HashMap<>();
    for (int from = 0; from < ids.size(); from += MOST_INSTRUCTIONS) {
      int[][] some =
          ids.subList(from, Math.min(ids.size(), from + MOST_INSTRUCTIONS)).toArray(int[][]::new);
      float[][] read =
          encoder.inTurn(
              patience, clock, () -> clock.time(ModelStage.QFORMER, () -> features(image, some)));
      for (int i = 0; i < some.length; i++) {
        features.put(key(some[i]), read[i]);
      }
    }
    return features;
  }

  /** For each instruction the features of all images, those of the first image first. */
  private float[][] features(EncodedImage image, int[][] instructions) {
    float[] patches = image.features().patches();
    int images = image.features().images(encoder.config());
    int one = patches.length / images;
    int size = encoder.config().qformer().queries() * encoder.config().projectedSize();
    float[][] features = new float[instructions.length][images * size];
    for (int k = 0; k < images; k++) {
      float[] seen = images == 1 ? patches : Arrays.copyOfRange(patches, k * one, (k + 1) * one);
      float[] read = Numbers.require("qformer", qformer.read(seen, instructions).projected());
      for (int i = 0; i < instructions.length; i++) {
        System.arraycopy(read, i * size, features[i], k * size, size);
      }
    }
    return features;
  }
}
