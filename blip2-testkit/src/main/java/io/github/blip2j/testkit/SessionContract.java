package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.POSITIONS;
import static io.github.blip2j.testkit.TinyOpt.QUERIES;
import static io.github.blip2j.testkit.TinyOpt.START;
import static io.github.blip2j.testkit.TinyOpt.VOCABULARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.spi.LanguageSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every backend's sessions must do with rows and positions, and how they refuse. */
public abstract class SessionContract extends AdoptionContract {
  @Test
  void tokensOneByOneAreTokensAtOnce() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      session.append(cat, new int[][] {{START}}, logits);
      tolerance().check("start", fresh(cat, START), logits);
      session.append(NO_IMAGE, new int[][] {{30}}, logits);
      session.append(NO_IMAGE, new int[][] {{31, 32, 33}}, logits);
      tolerance().check("pieces", fresh(cat, START, 30, 31, 32, 33), logits);
      assertThat(session.length(0)).isEqualTo(QUERIES + 5);
    }
  }

  /** As verifying what a draft proposes takes. */
  @Test
  void logitsAfterEachTokenAreThoseOneByOne() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {START}, logits))
          .withMessageContaining("1 row that has begun");
      session.append(cat, new int[][] {{START, 30}}, logits);
      session.appendEach(new int[] {31, 32, 33}, logits);
      tolerance().check("first", fresh(cat, START, 30, 31), row(logits, 0));
      tolerance().check("second", fresh(cat, START, 30, 31, 32), row(logits, 1));
      tolerance().check("third", fresh(cat, START, 30, 31, 32, 33), row(logits, 2));
      session.truncate(QUERIES + 3);
      session.append(NO_IMAGE, new int[][] {{34}}, logits);
      tolerance().check("taken back", fresh(cat, START, 30, 31, 34), row(logits, 0));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {1, 2, 3, 4}, logits))
          .withMessageContaining(Integer.toString(4 * vocabulary));
      assertThat(session).isNotInstanceOf(DraftingSession.class); // no draft was loaded
      assertThat(it.model.language().drafting()).isEmpty();
    }
  }

  @Test
  void unequalRowsAreThoseOneByOne() {
    float[] logits = new float[2 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, ROOMY)) {
      session.append(both(), new int[][] {{START, 30, 31, 32}, {START}}, logits);
      tolerance().check("long row", fresh(cat, START, 30, 31, 32), row(logits, 0));
      tolerance().check("short row", fresh(dog, START), row(logits, 1));
      session.append(NO_IMAGE, new int[][] {{40}, {41}}, logits);
      session.append(NO_IMAGE, new int[][] {{50}, {51}}, logits);
      tolerance().check("long", fresh(cat, START, 30, 31, 32, 40, 50), row(logits, 0));
      tolerance().check("short", fresh(dog, START, 41, 51), row(logits, 1));
    }
  }

  @Test
  void rowsAreDroppedSwappedAndDoubled() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, ROOMY)) {
      session.append(both(), new int[][] {{START, 30, 31}, {START, 32}}, logits);
      session.select(new int[] {1, 0, 1});
      assertThat(session.rows()).isEqualTo(3);
      session.append(NO_IMAGE, new int[][] {{60}, {61}, {62}}, logits);
      tolerance().check("was 1", fresh(dog, START, 32, 60), row(logits, 0));
      tolerance().check("was 0", fresh(cat, START, 30, 31, 61), row(logits, 1));
      tolerance().check("again 1", fresh(dog, START, 32, 62), row(logits, 2));
      session.select(new int[] {1, 2});
      session.append(NO_IMAGE, new int[][] {{63}, {64}}, logits);
      tolerance().check("kept", fresh(cat, START, 30, 31, 61, 63), row(logits, 0));
      tolerance().check("kept", fresh(dog, START, 32, 62, 64), row(logits, 1));
      session.select(new int[] {1});
      session.append(NO_IMAGE, new int[][] {{65}}, logits);
      tolerance().check("last", fresh(dog, START, 32, 62, 64, 65), row(logits, 0));
    }
  }

  @Test
  void goesBackAndForks() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, ROOMY)) {
      session.append(cat, new int[][] {{START, 30, 31, 32}}, logits);
      session.truncate(QUERIES + 2);
      assertThat(session.length(0)).isEqualTo(QUERIES + 2);
      try (LanguageSession fork = session.fork(new int[] {0}, QUERIES + 3)) {
        session.append(NO_IMAGE, new int[][] {{33, 34}}, logits);
        tolerance().check("went back", fresh(cat, START, 30, 33, 34), logits);
        fork.append(NO_IMAGE, new int[][] {{35}}, logits);
        tolerance().check("fork", fresh(cat, START, 30, 35), logits);
      }
      session.append(NO_IMAGE, new int[][] {{36}}, logits);
      tolerance().check("after the fork", fresh(cat, START, 30, 33, 34, 36), logits);
    }
  }

  @Test
  void unequalTokensGoOnBehindForkedRows() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 12)) {
      session.append(both(), new int[][] {{START}, {START, 30, 31}}, logits);
      try (LanguageSession fork = session.fork(new int[] {1, 0, 1}, 32)) {
        fork.append(NO_IMAGE, new int[][] {{32, 33}, {34}, {35, 36, 37}}, logits);
        tolerance().check("first", fresh(dog, START, 30, 31, 32, 33), row(logits, 0));
        tolerance().check("second", fresh(cat, START, 34), row(logits, 1));
        tolerance().check("third", fresh(dog, START, 30, 31, 35, 36, 37), row(logits, 2));
        fork.append(NO_IMAGE, new int[][] {{40}, {41}, {42}}, logits);
        tolerance().check("second on", fresh(cat, START, 34, 41), row(logits, 1));
        tolerance().check("third on", fresh(dog, START, 30, 31, 35, 36, 37, 42), row(logits, 2));
      }
    }
  }

  @Test
  void encoderAndDecoderForkAndSelect() {
    try (Loaded own =
        new Loaded(backend(), Fixtures.directory("tiny-t5"), it.golden, cache, execution())) {
      int size = own.checkpoint.config().text().vocabularySize();
      float[] first = own.features("landscape.png");
      float[] second = own.features("portrait.png");
      float[] one = new float[size];
      try (LanguageSession alone = own.model.language().open(1, 8)) {
        alone.append(second, new int[][] {{5, 6, TinyT5.END}}, one);
        alone.append(NO_IMAGE, new int[][] {{9}}, one);
        alone.append(NO_IMAGE, new int[][] {{11}}, one);
      }
      float[] features = join(first, second);
      float[] logits = new float[3 * size];
      LanguageSession session = own.model.language().open(2, 8);
      session.append(features, new int[][] {{TinyT5.END}, {5, 6, TinyT5.END}}, logits);
      assertThat(session.length(1)).isEqualTo(1);
      session.select(new int[] {1, 0, 1});
      session.append(NO_IMAGE, new int[][] {{8}, {9}, {9}}, logits);
      try (LanguageSession fork = session.fork(new int[] {2, 1}, 20)) {
        session.close(); // what the encoder read stays while a fork uses it
        fork.append(NO_IMAGE, new int[][] {{11}, {12}}, logits);
        tolerance().check("fork", one, Arrays.copyOf(logits, size));
        fork.truncate(2);
        fork.append(NO_IMAGE, new int[][] {{11}, {13}}, logits);
        tolerance().check("went back", one, Arrays.copyOf(logits, size));
      }
    }
  }

  @Test
  void textWithoutImageStartsAtTheFirstPosition() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, 8)) {
      session.append(NO_IMAGE, new int[][] {{START, 30}}, logits);
      assertThat(session.length(0)).isEqualTo(2);
    }
    assertThat(logits[0]).isFinite();
  }

  @Test
  void refusesNoRowsAndTooManyPositions() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.language().open(0, 10))
        .withMessageContaining("rows (0) must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.language().open(1, POSITIONS + 1))
        .withMessageContaining(
            String.format(Locale.ROOT, "capacity (%d) must be 1 to %d", POSITIONS + 1, POSITIONS));
  }

  @Test
  void refusesWhatDoesNotFit() {
    float[] logits = new float[2 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 10)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(new float[100], new int[][] {{START}, {START}}, logits))
          .withMessageContaining("found 2 rows and 100 floats");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> session.append(both(), new int[][] {{START}, {START, 3, 4, 5, 6}}, logits))
          .withMessageContaining("at most 10 positions, found 11");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(both(), new int[][] {{START}, {vocabulary}}, logits))
          .withMessageContaining(
              String.format(Locale.ROOT, "ids below %1$d, found %1$d", VOCABULARY));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(both(), new int[][] {{START}, {START}}, new float[9]))
          .withMessageContaining("found 9");
      session.append(both(), new int[][] {{START}, {START}}, logits);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(NO_IMAGE, new int[][] {{START}, {}}, logits))
          .withMessageContaining("row 1: expected at least 1 token");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(new int[] {2}, 10))
          .withMessageContaining("row (2) must be 0 to 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(new int[] {0}, QUERIES))
          .withMessageContaining("capacity (6) must be at least the 7 positions");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.select(new int[] {2}))
          .withMessageContaining("row (2) must be 0 to 1");
      assertThatIllegalArgumentException().isThrownBy(() -> session.truncate(-1));
      session.append(NO_IMAGE, new int[][] {{30}, {31}}, logits);
    }
    tolerance().check("nothing was lost", fresh(dog, START, 31), row(logits, 1));
  }

  @Test
  void stagesRefuseWhatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.vision().encode(new float[5], 1))
        .withMessageContaining("found 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.qformer().encode(new float[5], 1))
        .withMessageContaining("found 5");
  }

  @Test
  void closesInEveryOrder() {
    Loaded own =
        new Loaded(backend(), Fixtures.directory("tiny-opt"), it.golden, cache, execution());
    LanguageSession session = own.model.language().open(1, 20);
    LanguageSession fork = session.fork(new int[] {0}, 20);
    assertThatIllegalStateException()
        .isThrownBy(own.model::close)
        .withMessageContaining("2 of them");
    session.close();
    session.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> session.append(cat, new int[][] {{START}}, new float[vocabulary]));
    assertThatIllegalStateException()
        .isThrownBy(own.model::close)
        .withMessageContaining("1 of them");
    fork.close();
    own.model.close();
    own.model.close();
    assertThatIllegalStateException().isThrownBy(() -> own.model.language().open(1, 20));
    own.tokenizer.close();
  }

  @Test
  void oneModelServesManyThreads() throws Exception {
    List<Prompt> prompts = new ArrayList<>();
    for (String image : List.of("landscape.png", "portrait.png", "gray.png", "bilevel.png")) {
      prompts.add(
          new Prompt(it.features(image), it.tokens("a photo of"), GenerationOptions.defaults()));
    }
    List<List<Integer>> expected = new ArrayList<>();
    prompts.forEach(p -> expected.add(it.generate(List.of(p)).get(0)));
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Integer>>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Prompt prompt = prompts.get(i % 4);
        results.add(pool.submit(() -> it.generate(List.of(prompt)).get(0)));
      }
      for (int i = 0; i < 40; i++) {
        assertThat(results.get(i).get()).isEqualTo(expected.get(i % 4));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void weightsThatAreNoNumbersAreReported(@TempDir Path folder) {
    Path broken = Checkpoints.change(folder, "language_model.model.decoder.final_layer_norm.bias");
    try (Loaded own = new Loaded(backend(), broken, it.golden, cache, execution())) {
      Prompt prompt = new Prompt(cat, new int[] {START}, GenerationOptions.defaults());
      assertThatThrownBy(() -> own.generate(List.of(prompt)))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("found NaN");
    }
  }

  @Test
  void aTensorOfAnotherShapeIsNamed(@TempDir Path folder) {
    Path broken = Checkpoints.resize(folder, "qformer.encoder.layer.3.attention.attention.query");
    assertThatThrownBy(() -> new Loaded(backend(), broken, it.golden, cache, execution()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "qformer.encoder.layer.3.attention.attention.query.weight: "
                + "expected [32, 32], found [16, 64]");
  }

  @Test
  void olderFormatsGiveTheSameTokens(@TempDir Path folder) {
    Golden.Case golden = it.golden.cases("greedy").get(1);
    List<List<Integer>> expected = List.of(golden.newIds().get(0));
    Path old = Checkpoints.withoutImageToken(folder.resolve("old"));
    try (Loaded own = new Loaded(backend(), old, it.golden, cache, execution())) {
      assertThat(own.checkpoint.config().imageToken()).isEmpty();
      assertThat(own.generate(golden)).isEqualTo(expected);
    }
    Path head = Checkpoints.withStoredHead(folder.resolve("head"));
    try (Loaded own = new Loaded(backend(), head, it.golden, cache, execution())) {
      assertThat(own.checkpoint.weights().has("language_model.lm_head.weight")).isTrue();
      assertThat(own.generate(golden)).isEqualTo(expected);
    }
  }
}
