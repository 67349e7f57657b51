package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.text.Tokenizer;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.spi.QFormer;
import io.github.blip2j.spi.Retrieval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What every backend must compute of a checkpoint that matches images and texts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
public abstract class RetrievalContract {
  // Of tiny-itm.
  private static final int VOCABULARY = 238;
  private static final int LONGEST = 40;

  @TempDir static Path cache;

  private Checkpoint checkpoint;
  private LoadedModel model;
  private Tokenizer tokenizer;
  private Map<String, WeightTensor> tensors;
  private JsonNode cases;

  /** The backend under test. */
  protected abstract Backend backend();

  @BeforeAll
  void load() throws IOException {
    Path directory = Fixtures.directory("tiny-itm");
    checkpoint = Checkpoint.open(directory);
    Execution execution = new Execution(Device.CPU, 1, WeightLayout.MAPPED);
    model = backend().load(new LoadRequest(checkpoint, execution, cache, LoadListener.NONE));
    tokenizer = Tokenizer.load(checkpoint);
    tensors =
        Weights.ofFile(directory.resolve("golden.safetensors")).all().stream()
            .collect(Collectors.toMap(WeightTensor::name, t -> t));
    cases =
        new ObjectMapper()
            .readTree(Files.readAllBytes(directory.resolve("golden.json")))
            .get("cases");
    assertThat(cases).hasSize(5);
  }

  @AfterAll
  void close() {
    model.close();
    tokenizer.close();
  }

  private float[] patches(String imageSource) {
    ImageSource source = ImageSource.of(Fixtures.image(imageSource));
    float[] pixels =
        new ImageProcessor(checkpoint.imageProcessor())
            .process(new ImageReader().read(source, ImageOptions.defaults()));
    return model.vision().encode(pixels, 1);
  }

  private float[] tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name).floats();
  }

  private int[][] tokens(JsonNode golden) {
    List<int[]> rows = new ArrayList<>();
    golden.get("texts").forEach(text -> rows.add(tokenizer.encode(text.textValue())));
    return rows.toArray(int[][]::new);
  }

  @Test
  void tokensAreTheReferences() {
    int queries = checkpoint.config().qformer().queries();
    for (JsonNode golden : cases) {
      int[][] found = tokens(golden);
      for (int row = 0; row < found.length; row++) {
        int real = 0;
        for (JsonNode there : golden.get("attention_mask").get(row)) {
          real += there.intValue();
        }
        List<Integer> expected = new ArrayList<>();
        golden.get("input_ids").get(row).forEach(id -> expected.add(id.intValue()));
        assertThat(Arrays.stream(found[row]).boxed().toList())
            .isEqualTo(expected.subList(queries, real));
      }
    }
  }

  @Test
  void embeddingsAndSimilaritiesAreTheReferences() {
    int width = checkpoint.config().retrieval().projectionSize();
    for (JsonNode golden : cases) {
      String imageSource = golden.get("image").textValue();
      QFormer.Output image = model.qformer().encode(patches(imageSource), 1);
      float[] embeds = tensor(imageSource + "/image_embeds");
      Tolerance.PROJECTED.check(imageSource + "/image_embeds", embeds, image.projected());
      int[][] tokens = tokens(golden);
      float[] features = model.retrieval().read(tokens).features();
      int longest = features.length / tokens.length / width;
      float[] texts = new float[tokens.length * width];
      float[] similarities = new float[tokens.length];
      for (int row = 0; row < tokens.length; row++) {
        System.arraycopy(features, row * longest * width, texts, row * width, width);
        similarities[row] = mostAlike(image.projected(), texts, row * width, width);
      }
      float[] expected = tensor(imageSource + "/text_embeds");
      Tolerance.PROJECTED.check(imageSource + "/text_embeds", expected, texts);
      Tolerance.PROJECTED.check(imageSource, floats(golden.get("itc_similarity")), similarities);
    }
  }

  private static float mostAlike(float[] queries, float[] texts, int from, int width) {
    float best = Float.NEGATIVE_INFINITY;
    for (int q = 0; q < queries.length; q += width) {
      float sum = 0;
      for (int i = 0; i < width; i++) {
        sum += queries[q + i] * texts[from + i];
      }
      best = Math.max(best, sum);
    }
    return best;
  }

  @Test
  void matchingLogitsAreTheReferences() {
    for (JsonNode golden : cases) {
      String imageSource = golden.get("image").textValue();
      Retrieval.Pairs pairs = model.retrieval().match(patches(imageSource), tokens(golden));
      float[] expected = new float[2 * golden.get("itm_logits").size()];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = golden.get("itm_logits").get(i / 2).get(i % 2).floatValue();
      }
      Tolerance.LOGITS.check(imageSource + "/itm_logits", expected, pairs.logits());
    }
  }

  @Test
  void aTextAloneIsThatOfABatch() {
    int[][] tokens = tokens(cases.get(0));
    float[] patches = patches("landscape.png");
    float[] all = model.retrieval().match(patches, tokens).logits();
    for (int row = 0; row < tokens.length; row++) {
      float[] one = model.retrieval().match(patches, new int[][] {tokens[row]}).logits();
      Tolerance.LOGITS.check("text " + row, Arrays.copyOfRange(all, 2 * row, 2 * row + 2), one);
    }
  }

  @Test
  void wrongInputsAreRefused() {
    Retrieval retrieval = model.retrieval();
    float[] patches = patches("landscape.png");
    assertThatThrownBy(() -> retrieval.read(new int[][] {{}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 to " + LONGEST + " tokens, found 0");
    assertThatThrownBy(() -> retrieval.read(new int[][] {new int[LONGEST + 1]}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found " + (LONGEST + 1));
    assertThatThrownBy(() -> retrieval.match(patches, new int[][] {{VOCABULARY}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("below " + VOCABULARY);
    assertThatThrownBy(() -> retrieval.match(new float[3], new int[][] {{2}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("patches");
    assertThatThrownBy(() -> model.language())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("Blip2ForImageTextRetrieval");
  }

  private static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).floatValue();
    }
    return values;
  }
}
