package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.internal.decoding.Sequence;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.QFormer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every backend must compute of BLIP-2's relatives: Q-Formers that read instructions, and
 * other language models. The reference's tensors at each stage, and every case of it.
 */
public abstract class RelativesContract extends ModelsContract {
  private static final String LANDSCAPE = "landscape.png";
  private static final String QUESTION = "Question: how many cats are there? Answer:";

  static List<String> checkpoints() {
    return Fixtures.RELATIVES;
  }

  /** The case of a golden tensor such as {@code tiny.png/prompt2/qformer}. */
  private static Golden.Case single(Loaded it, String key) {
    String image = key.substring(0, key.indexOf('/'));
    return it.golden.cases(key.contains("/caption/") ? "caption" : "greedy").stream()
        .filter(c -> c.images().equals(List.of(image)))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void visionAndQFormerAreTheReferences(String name) {
    Loaded it = load(name);
    List<String> visions = it.golden.endingWith("/vision");
    assertThat(visions).hasSize(4);
    for (String key : visions) {
      String image = key.substring(0, key.indexOf('/'));
      Tolerance.VISION.check(name + "/" + key, it.golden.tensor(key), it.patches(image));
    }
    List<String> reads = it.golden.endingWith("/qformer");
    assertThat(reads).hasSize(4);
    for (String key : reads) {
      String image = key.substring(0, key.indexOf('/'));
      String prompt = Objects.requireNonNull(single(it, key).prompts()).get(0);
      QFormer.Output read = it.read(image, prompt);
      Tolerance.QFORMER.check(name + "/" + key, it.golden.tensor(key), read.queries());
      String projected = key.replace("/qformer", "/projected");
      Tolerance.PROJECTED.check(
          name + "/" + projected, it.golden.tensor(projected), read.projected());
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void severalInstructionsAtOnceAreThoseOneByOne(String name) {
    Loaded it = load(name);
    if (!it.instructed()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> it.model.qformer().read(it.patches(LANDSCAPE), new int[][] {{5}}));
      return;
    }
    String[] prompts = {"a photo of", QUESTION, ""};
    float[] patches = it.patches(LANDSCAPE);
    float[] together = it.model.qformer().read(patches, it.instructions(prompts)).projected();
    int size = together.length / prompts.length;
    Tolerance.PROJECTED.check(
        name + "/padded",
        it.golden.tensor(LANDSCAPE + "/prompt0/projected"),
        Arrays.copyOf(together, size));
    for (int i = 0; i < prompts.length; i++) {
      float[] own = Arrays.copyOfRange(together, i * size, (i + 1) * size);
      Tolerance.PROJECTED.check(
          name + "/" + prompts[i], it.read(LANDSCAPE, prompts[i]).projected(), own);
    }
    assertThat(Arrays.copyOf(together, size))
        .as("an instruction changes what is read")
        .isNotEqualTo(Arrays.copyOfRange(together, size, 2 * size));
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void whatTheQFormerCannotReadIsRefused(String name) {
    Loaded it = load(name);
    float[] patches = it.patches(LANDSCAPE);
    if (it.instructed()) {
      assertThatIllegalStateException()
          .isThrownBy(() -> it.model.qformer().encode(patches, 1))
          .withMessageContaining("must be given one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> it.model.qformer().read(patches, new int[][] {new int[65]}))
          .withMessageContaining("expected 1 to 64 tokens, found 65");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> it.model.qformer().read(new float[7], new int[][] {{2, 3}}))
          .withMessageContaining("found 7");
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void firstAndLastLogitsAreTheReferences(String name) {
    Loaded it = load(name);
    List<String> firsts = it.golden.endingWith("/first_logits");
    assertThat(firsts).hasSizeGreaterThanOrEqualTo(4);
    for (String key : firsts) {
      Golden.Case golden = single(it, key);
      String prompt = golden.prompts() == null ? null : golden.prompts().get(0);
      float[] features = it.read(golden.images().get(0), prompt).projected();
      float[] logits = new float[it.checkpoint.config().text().vocabularySize()];
      try (LanguageSession session = it.model.language().open(1, 100)) {
        session.append(features, new int[][] {it.tokens(prompt)}, logits);
        Tolerance.LOGITS.check(name + "/" + key, it.golden.tensor(key), logits);
        List<Integer> ids = golden.newIds().get(0);
        for (int id : ids.subList(0, ids.size() - 1)) {
          session.append(new float[0], new int[][] {{id}}, logits);
        }
        String last = key.replace("first", "last");
        if (it.golden.endingWith("/last_logits").contains(last)) {
          Tolerance.LOGITS.check(name + "/" + last, it.golden.tensor(last), logits);
        }
      }
    }
  }

  /**
   * Ids exactly, texts, and of beams the scores. One case is of a reference whose Q-Former's texts
   * are padded on the left, which moves their positions: here a row answers as it does alone.
   */
  @ParameterizedTest
  @MethodSource("checkpoints")
  void everyCaseIsTheReferences(String name) {
    Loaded it = load(name);
    List<Golden.Case> cases = it.golden.cases();
    assertThat(cases).hasSizeGreaterThanOrEqualTo(28);
    for (Golden.Case golden : cases) {
      boolean moved = golden.name().equals("batch-qformer-left");
      check(name, it, golden, moved ? it.golden.cases("batch-prompts").get(0) : golden);
    }
  }

  /** Within its window Mistral computes what LLaMA does, of tensors with the same names. */
  @Test
  void mistralIsLlamaWithinItsWindow(@TempDir Path folder) {
    String name = "tiny-instructblip-vicuna-gqa";
    Golden golden = new Golden(Fixtures.directory(name));
    Path copy = Fixtures.copy(name, folder.resolve("mistral"));
    Checkpoints.edit(
        copy.resolve("config.json"),
        c -> c.withObject("/text_config").put("model_type", "mistral").put("sliding_window", 200));
    try (Loaded it = new Loaded(backend(), copy, golden, cache, execution())) {
      assertThat(it.checkpoint.config().text().maxPositions()).isEqualTo(200);
      for (Golden.Case one : golden.cases("greedy", "beam3")) {
        check("mistral", it, one, one);
      }
    }
  }

  private static void check(String name, Loaded it, Golden.Case asked, Golden.Case golden) {
    List<Integer> ends = it.checkpoint.config().text().endTokens();
    int row = 0;
    for (List<Sequence> request : it.search(asked)) {
      for (Sequence sequence : request) {
        String what = String.format(Locale.ROOT, "%s: %s, row %d", name, golden, row);
        assertThat(sequence.ids()).as(what).isEqualTo(golden.expected(row, ends));
        assertThat(it.tokenizer.decode(sequence.ids())).as(what).isEqualTo(golden.texts().get(row));
        if (golden.scores() != null) {
          double score = golden.scores().get(row);
          assertThat(sequence.score())
              .as(what)
              .isCloseTo(score, within(1e-4 * Math.max(1, Math.abs(score))));
        }
        row++;
      }
    }
    assertThat(row).isEqualTo(golden.newIds().size());
  }
}
