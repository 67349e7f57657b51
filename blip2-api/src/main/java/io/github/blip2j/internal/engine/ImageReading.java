package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.ModelStage;
import io.github.blip2j.image.EncodedImage;
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

  /** One image for one prompt. */
  ReadImage read(EncodedImage image, PromptTokens prompt, StageClock clock) {
    return read(List.of(image), List.of(prompt), clock).get(0);
  }

  /**
   * Each image for its prompt.
   *
   * @param prompts as many as images
   */
  List<ReadImage> read(List<EncodedImage> images, List<PromptTokens> prompts, StageClock clock) {
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
        (image, instructions) ->
            read.put(image, clock.time(ModelStage.QFORMER, () -> features(image, instructions))));
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
      EncodedImage image, Map<List<Integer>, int[]> instructions) {
    List<int[]> ids = new ArrayList<>(instructions.values());
    Map<List<Integer>, float[]> features = new HashMap<>();
    for (int from = 0; from < ids.size(); from += MOST_INSTRUCTIONS) {
      int[][] some =
          ids.subList(from, Math.min(ids.size(), from + MOST_INSTRUCTIONS)).toArray(int[][]::new);
      float[][] read = features(image, some);
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
