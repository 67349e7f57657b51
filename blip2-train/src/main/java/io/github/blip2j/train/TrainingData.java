package io.github.blip2j.train;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** Examples whose images have been encoded and whose texts are ids. Owned by one thread. */
final class TrainingData implements AutoCloseable {
  private final FeatureFile features = new FeatureFile();
  private final List<ExampleTokens> texts;
  private final List<Integer> images = new ArrayList<>(); // of each example, its place in the file

  private TrainingData(List<ExampleTokens> texts) {
    this.texts = texts;
  }

  /** Examples, and their texts as ids. */
  record Texts(List<TrainingExample> examples, List<ExampleTokens> ids) {

    /**
     * Tokenizes.
     *
     * @param trained demands that each has room
     * @param what they are called behind the number of one that has none
     * @throws IllegalArgumentException if one is too long; names it
     */
    static Texts of(
        Blip2 model, TrainingModel trained, List<TrainingExample> examples, String what) {
      TextConfig config = LoadedCheckpoint.of(model).source().program().language().config();
      List<ExampleTokens> ids = new ArrayList<>();
      for (TrainingExample example : examples) {
        ExampleTokens tokens = ExampleTokens.of(config, model.tokenizer(), example);
        ids.add(tokens);
        try {
          trained.requireFits(tokens.prompt(), tokens.answer());
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException(
              "example " + ids.size() + what + ": " + e.getMessage(), e);
        }
      }
      return new Texts(examples, ids);
    }
  }

  /**
   * Encodes examples; an image that several of them have in common once.
   *
   * @param input what the model is trained with
   * @param told how many have been encoded
   */
  static TrainingData of(Blip2 model, TrainingRequest.Input input, Texts texts, IntConsumer told) {
    TrainingData data = new TrainingData(texts.ids());
    try {
      Map<ImageSource, Integer> known = new IdentityHashMap<>();
      for (TrainingExample example : texts.examples()) {
        Integer place = known.get(example.image());
        if (place == null) {
          place = data.features.count();
          data.features.add(encoded(model, input, example.image()));
          known.put(example.image(), place);
        }
        data.images.add(place);
        told.accept(data.images.size());
      }
      return data;
    } catch (RuntimeException | Error e) {
      data.close();
      throw e;
    }
  }

  private static float[] encoded(Blip2 model, TrainingRequest.Input input, ImageSource image) {
    if (input == TrainingRequest.Input.PATCHES) {
      return LoadedCheckpoint.of(model).patches(image);
    }
    float[][] projected = model.encode(image).projected();
    float[] flat = new float[projected.length * projected[0].length];
    for (int i = 0; i < projected.length; i++) {
      System.arraycopy(projected[i], 0, flat, i * projected[i].length, projected[i].length);
    }
    return flat;
  }

  /** Number of examples. */
  int size() {
    return texts.size();
  }

  /** Some examples as one batch. */
  TrainingBatch batch(int[] examples) {
    return new TrainingBatch(
        features.read(Arrays.stream(examples).map(images::get).toArray()),
        Arrays.stream(examples).mapToObj(i -> texts.get(i).prompt()).toArray(int[][]::new),
        Arrays.stream(examples).mapToObj(i -> texts.get(i).answer()).toArray(int[][]::new));
  }

  @Override
  public void close() {
    features.close();
  }
}
