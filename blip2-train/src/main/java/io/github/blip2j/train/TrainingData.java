package io.github.blip2j.train;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.TrainingBatch;
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
  private final List<ExampleTokens> texts = new ArrayList<>();
  private final List<Integer> images = new ArrayList<>(); // of each example, its place in the file

  private TrainingData() {}

  /**
   * Encodes examples; an image that several of them have in common once.
   *
   * @param input what the model is trained with
   * @param told how many have been encoded
   */
  static TrainingData of(
      Blip2 model, TrainingRequest.Input input, List<TrainingExample> examples, IntConsumer told) {
    TextConfig config = LoadedCheckpoint.of(model).source().program().language().config();
    TrainingData data = new TrainingData();
    try {
      Map<ImageSource, Integer> known = new IdentityHashMap<>();
      for (TrainingExample example : examples) {
        Integer place = known.get(example.image());
        if (place == null) {
          place = data.features.count();
          data.features.add(encoded(model, input, example.image()));
          known.put(example.image(), place);
        }
        data.images.add(place);
        data.texts.add(ExampleTokens.of(config, model.tokenizer(), example));
        told.accept(data.texts.size());
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
