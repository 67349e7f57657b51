package io.github.blip2j.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the reference computed of a training: its loss, some gradients, ten steps of AdamW. */
final class GoldenTraining {
  private static final int IGNORED = -100;

  final JsonNode json;
  final Map<String, float[]> tensors = new LinkedHashMap<>();

  private GoldenTraining(JsonNode json) {
    this.json = json;
  }

  static GoldenTraining of(String checkpoint) {
    try {
      Path folder =
          Path.of(
              Objects.requireNonNull(GoldenTraining.class.getResource("/golden/" + checkpoint))
                  .toURI());
      JsonNode json =
          new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("golden-training.json")));
      GoldenTraining golden = new GoldenTraining(json);
      for (WeightTensor t : Weights.ofFile(folder.resolve("golden-training.safetensors")).all()) {
        golden.tensors.put(t.name(), t.floats());
      }
      return golden;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The vision encoder's vectors of its images, one behind another. */
  float[] patches(Blip2 model) {
    List<float[]> all = new ArrayList<>();
    for (JsonNode name : json.get("images")) {
      all.add(LoadedCheckpoint.of(model).patches(ImageSource.of(Fixtures.image(name.textValue()))));
    }
    float[] joined = new float[all.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (float[] one : all) {
      System.arraycopy(one, 0, joined, at, one.length);
      at += one.length;
    }
    return joined;
  }

  /**
   * A decoder's rows: of its ids those that have labels are the answer.
   *
   * @param masked how many of the labels do not count, from the front
   */
  TrainingBatch decoderBatch(float[] patches, int masked) {
    int rows = json.get("input_ids").size();
    int[][] prompts = new int[rows][];
    int[][] answers = new int[rows][];
    for (int row = 0; row < rows; row++) {
      int[] labels = labels(row);
      prompts[row] = java.util.Arrays.copyOf(labels, masked);
      answers[row] = java.util.Arrays.copyOfRange(labels, masked, labels.length);
    }
    return new TrainingBatch(patches, prompts, answers);
  }

  /** An encoder's rows: prompts behind the placeholders, and a decoder's labels. */
  TrainingBatch encoderBatch(float[] patches, int placeholder) {
    int rows = json.get("input_ids").size();
    int[][] prompts = new int[rows][];
    int[][] answers = new int[rows][];
    for (int row = 0; row < rows; row++) {
      prompts[row] = ints(json.get("input_ids").get(row), placeholder);
      answers[row] = labels(row);
    }
    return new TrainingBatch(patches, prompts, answers);
  }

  private int[] labels(int row) {
    return ints(json.get("labels").get(row), IGNORED);
  }

  private static int[] ints(JsonNode array, int without) {
    List<Integer> list = new ArrayList<>();
    array.forEach(n -> list.add(n.intValue()));
    return list.stream().mapToInt(i -> i).filter(i -> i != without).toArray();
  }
}
