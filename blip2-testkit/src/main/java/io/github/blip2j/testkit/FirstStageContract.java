package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * BLIP-2's first stage as LAVIS stores it: the Q-Former writes itself, behind ViT-g and behind
 * CLIP's ViT-L. What the reference's modules compute with LAVIS's attention mask, all tokens anew
 * at each step.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FirstStageContract {
  @TempDir static Path folder;

  private final Map<String, Loaded> loaded = new HashMap<>();

  /** The backend under test. */
  protected abstract Backend backend();

  /** Precisions that it can run a language model in, beside float32. */
  protected abstract Set<Precision> precisions();

  static List<String> checkpoints() {
    return Fixtures.FIRST_STAGE;
  }

  private Loaded load(String name) {
    return loaded.computeIfAbsent(name, n -> load(n, Precision.FLOAT32));
  }

  private Loaded load(String name, Precision precision) {
    Path directory = Fixtures.firstStage(name);
    Execution execution =
        new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(precision));
    return new Loaded(backend(), directory, new Golden(directory), folder, execution);
  }

  @AfterAll
  void closeAll() {
    loaded.values().forEach(Loaded::close);
  }

  /** Of the text {@code [DEC] two cats on a couch}: at once, and token by token. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void patchesAndLogitsAreTheReferences(String name) {
    Loaded it = load(name);
    List<String> keys = it.golden.endingWith("/logits");
    assertThat(keys).hasSize(3);
    int v = it.checkpoint.config().text().vocabularySize();
    for (String key : keys) {
      String image = key.substring(0, key.indexOf('/'));
      String what = name + "/" + key;
      float[] patches = it.patches(image);
      Tolerance.VISION.check(what, it.golden.tensor(image + "/vision"), patches);
      float[] features = it.model.qformer().encode(patches, 1).projected();
      int[] ids = ids(it.golden.tensor(key + "_ids"));
      float[] golden = it.golden.tensor(key);
      float[] logits = new float[v];
      try (LanguageSession session = it.model.language().open(2, 40)) {
        float[] twice = Arrays.copyOf(features, 2 * features.length);
        System.arraycopy(features, 0, twice, features.length, features.length);
        float[] both = new float[2 * v];
        int[] shorter = Arrays.copyOf(ids, 2); // a row that is filled up
        session.append(twice, new int[][] {ids, shorter}, both);
        float[] last = Arrays.copyOfRange(golden, (ids.length - 1) * v, ids.length * v);
        Tolerance.LOGITS.check(what + " at once", last, Arrays.copyOf(both, v));
        float[] second = Arrays.copyOfRange(golden, v, 2 * v);
        Tolerance.LOGITS.check(what + " shorter", second, Arrays.copyOfRange(both, v, 2 * v));
      }
      try (LanguageSession session = it.model.language().open(1, 40)) {
        for (int t = 0; t < ids.length; t++) {
          session.append(t == 0 ? features : new float[0], new int[][] {{ids[t]}}, logits);
          float[] expected = Arrays.copyOfRange(golden, t * v, (t + 1) * v);
          Tolerance.LOGITS.check(what + " token " + t, expected, logits);
        }
      }
    }
  }

  private static int[] ids(float[] numbers) {
    int[] ids = new int[numbers.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) numbers[i];
    }
    return ids;
  }

  /** LAVIS's defaults, three beams and ten to thirty tokens, among them. */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void everyCaseIsTheReferences(String name) {
    Loaded it = load(name);
    List<Golden.Case> cases = it.golden.cases();
    assertThat(cases).hasSize(name.endsWith("vitl") ? 12 : 20);
    assertThat(cases).allMatch(c -> c.smallestGap() > 1e-4);
    GoldenChecks checks = new GoldenChecks(name, it);
    cases.forEach(checks::generation);
  }

  /** All tasks that write, through the facade; a prompt is words behind [DEC]. */
  @Test
  void itWritesAsALanguageModelDoes() {
    Path directory = Fixtures.firstStage(Fixtures.FIRST_STAGE.get(0));
    ImageSource image = ImageSource.of(Fixtures.image("landscape.png"));
    GenerationOptions twelve = GenerationOptions.builder().maxNewTokens(12).build();
    try (Blip2 blip2 =
        Blip2.builder()
            .model(directory)
            .backend(backend().id())
            .device(Device.CPU)
            .threads(1)
            .cacheDirectory(folder)
            .load()) {
      assertThat(blip2.capabilities()).containsExactly(Capability.GENERATE);
      Golden.Case greedy = new Golden(directory).cases("greedy").get(0);
      GeneratedText caption = blip2.captioner().withOptions(twelve).caption(image);
      assertThat(caption.tokenIds()).isEqualTo(greedy.newIds().get(0).subList(0, 12));
      EncodedImage encoded = blip2.encode(image);
      encoded.save(folder.resolve("image.safetensors"));
      EncodedImage kept = EncodedImage.load(folder.resolve("image.safetensors"));
      GenerationRequest prompted = new GenerationRequest(kept, "two cats", twelve);
      GeneratedText text = blip2.generate(List.of(prompted)).get(0).get(0);
      assertThat(blip2.stream(prompted, piece -> {}).tokenIds()).isEqualTo(text.tokenIds());
      assertThat(text.tokenIds()).isEqualTo(behind(blip2, "two cats"));
      assertThat(blip2.rank(image, null, List.of("two cats", "a cup"))).hasSize(2);
    }
  }

  /** Greedy tokens behind [DEC] and words, without the facade. */
  private List<Integer> behind(Blip2 blip2, String prompt) {
    Loaded it = load(Fixtures.FIRST_STAGE.get(0));
    int[] words = it.tokenizer.encodePlain(prompt);
    int[] ids = new int[words.length + 1];
    ids[0] = it.checkpoint.config().text().startToken();
    System.arraycopy(words, 0, ids, 1, words.length);
    assertThat(blip2.tokenizer().encodePrompt(prompt))
        .containsExactlyElementsOf(Arrays.stream(ids).boxed().toList());
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(12).build();
    Prompt asked = new Prompt(it.features("landscape.png"), ids, options);
    return it.generate(List.of(asked)).get(0);
  }

  @Test
  void itRunsInLowerPrecisions() {
    for (Precision precision : precisions()) {
      try (Loaded it = load(Fixtures.FIRST_STAGE.get(0), precision)) {
        Golden.Case greedy = it.golden.cases("greedy").get(0);
        assertThat(it.generate(greedy).get(0)).as(precision.label()).isNotEmpty();
      }
    }
  }
}
