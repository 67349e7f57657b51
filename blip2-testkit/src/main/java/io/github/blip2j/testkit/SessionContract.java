package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.CheckpointException;
import io.github.blip2j.Device;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.InferenceException;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.FurtherSteps;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.TokenChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What every backend's sessions must do with rows and positions, and how they refuse. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SessionContract {
  @TempDir static Path cache;
  private Loaded it;
  private float[] cat;
  private float[] dog;
  private int vocabulary;

  /** The backend under test. */
  protected abstract Backend backend();

  /** How it is run. */
  protected Execution execution() {
    return new Execution(Device.CPU, 2, WeightLayout.MAPPED);
  }

  /** How far logits may be from those that the same backend computes in other steps. */
  protected Tolerance tolerance() {
    return Tolerance.LOGITS;
  }

  @BeforeAll
  void load() {
    Path directory = Fixtures.directory("tiny-opt");
    it = new Loaded(backend(), directory, new Golden(directory), cache, execution());
    cat = it.golden.tensor("landscape.png/projected");
    dog = it.golden.tensor("portrait.png/projected");
    vocabulary = it.checkpoint.config().text().vocabularySize();
  }

  @AfterAll
  void close() {
    it.close();
  }

  /** Logits after a picture and tokens, computed in one go in a session of its own. */
  private float[] fresh(float[] features, int... tokens) {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, 64)) {
      session.append(features, new int[][] {tokens}, logits);
    }
    return logits;
  }

  private float[] row(float[] logits, int row) {
    return Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
  }

  private float[] both() {
    float[] both = Arrays.copyOf(cat, cat.length + dog.length);
    System.arraycopy(dog, 0, both, cat.length, dog.length);
    return both;
  }

  @Test
  void tokensOneByOneAreTokensAtOnce() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, 64)) {
      session.append(cat, new int[][] {{2}}, logits);
      tolerance().check("start", fresh(cat, 2), logits);
      session.append(new float[0], new int[][] {{30}}, logits);
      session.append(new float[0], new int[][] {{31, 32, 33}}, logits);
      tolerance().check("pieces", fresh(cat, 2, 30, 31, 32, 33), logits);
      assertThat(session.length(0)).isEqualTo(6 + 5);
    }
  }

  @Test
  void unequalRowsAreThoseOneByOne() {
    float[] logits = new float[2 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 64)) {
      session.append(both(), new int[][] {{2, 30, 31, 32}, {2}}, logits);
      tolerance().check("long row", fresh(cat, 2, 30, 31, 32), row(logits, 0));
      tolerance().check("short row", fresh(dog, 2), row(logits, 1));
      session.append(new float[0], new int[][] {{40}, {41}}, logits);
      session.append(new float[0], new int[][] {{50}, {51}}, logits);
      tolerance().check("long", fresh(cat, 2, 30, 31, 32, 40, 50), row(logits, 0));
      tolerance().check("short", fresh(dog, 2, 41, 51), row(logits, 1));
    }
  }

  @Test
  void rowsAreDroppedSwappedAndDoubled() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 64)) {
      session.append(both(), new int[][] {{2, 30, 31}, {2, 32}}, logits);
      session.select(new int[] {1, 0, 1});
      assertThat(session.rows()).isEqualTo(3);
      session.append(new float[0], new int[][] {{60}, {61}, {62}}, logits);
      tolerance().check("was 1", fresh(dog, 2, 32, 60), row(logits, 0));
      tolerance().check("was 0", fresh(cat, 2, 30, 31, 61), row(logits, 1));
      tolerance().check("again 1", fresh(dog, 2, 32, 62), row(logits, 2));
      session.select(new int[] {1, 2});
      session.append(new float[0], new int[][] {{63}, {64}}, logits);
      tolerance().check("kept", fresh(cat, 2, 30, 31, 61, 63), row(logits, 0));
      tolerance().check("kept", fresh(dog, 2, 32, 62, 64), row(logits, 1));
      session.select(new int[] {1});
      session.append(new float[0], new int[][] {{65}}, logits);
      tolerance().check("last", fresh(dog, 2, 32, 62, 64, 65), row(logits, 0));
    }
  }

  @Test
  void logitsAfterEachTokenAreThoseOneByOne() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(1, 64)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {2}, logits))
          .withMessageContaining("1 row that has begun");
      session.append(cat, new int[][] {{2, 30}}, logits);
      session.appendEach(new int[] {31, 32, 33}, logits);
      tolerance().check("first", fresh(cat, 2, 30, 31), row(logits, 0));
      tolerance().check("second", fresh(cat, 2, 30, 31, 32), row(logits, 1));
      tolerance().check("third", fresh(cat, 2, 30, 31, 32, 33), row(logits, 2));
      session.truncate(6 + 3);
      session.append(new float[0], new int[][] {{34}}, logits);
      tolerance().check("taken back", fresh(cat, 2, 30, 31, 34), row(logits, 0));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendEach(new int[] {1, 2, 3, 4}, logits))
          .withMessageContaining(Integer.toString(4 * vocabulary));
      assertThatThrownBy(() -> session.guess(34, logits)) // none was loaded
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  /** Whether its sessions take several steps in one call. */
  protected boolean goesAhead() {
    return false;
  }

  /** Only where the backend can; elsewhere it must say so. */
  @Test
  void stepsAheadAreThoseOneByOne() {
    float[] logits = new float[2 * 4 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 16)) {
      assertThat(it.model.language().stepsAhead() > 0).isEqualTo(goesAhead());
      if (!goesAhead()) {
        assertThatThrownBy(
                () -> session.appendAhead(both(), new int[][] {{2}, {3}}, likeliest(3), logits))
            .isInstanceOf(UnsupportedOperationException.class);
        return;
      }
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> session.appendAhead(both(), new int[][] {{2, 4}, {3}}, likeliest(3), logits))
          .withMessageContaining("rows of one length");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> session.appendAhead(both(), new int[][] {{2}, {3}}, likeliest(10), logits))
          .withMessageContaining("16 positions");
      FurtherSteps few = new FurtherSteps(3, List.of(TokenChoice.LIKELIEST));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.appendAhead(both(), new int[][] {{2}, {3}}, few, logits))
          .withMessageContaining("choices of 2 rows, found 1");
      int[][] ids = session.appendAhead(both(), new int[][] {{2}, {3}}, likeliest(3), logits);
      assertThat(ids).hasDimensions(3, 2);
      assertThat(session.length(1)).isEqualTo(6 + 1 + 3);
      int[] first = {2};
      int[] second = {3};
      for (int step = 0; step <= 3; step++) {
        float[] expected = fresh(cat, first);
        tolerance().check("row 0, step " + step, expected, row(logits, 2 * step));
        first = with(first, best(expected));
        expected = fresh(dog, second);
        tolerance().check("row 1, step " + step, expected, row(logits, 2 * step + 1));
        second = with(second, best(expected));
        if (step < 3) {
          assertThat(ids[step]).containsExactly(first[step + 1], second[step + 1]);
        }
      }
      session.truncate(6 + 2);
      session.append(new float[0], new int[][] {{40}, {41}}, logits);
      tolerance().check("back", fresh(cat, 2, first[1], 40), row(logits, 0));
      tolerance().check("back", fresh(dog, 3, second[1], 41), row(logits, 1));
    }
  }

  /** Rows of every kind together: drawn with each bound, with all, with none, and not drawn. */
  @Test
  void drawnStepsAreThoseOfTheirDraws() {
    if (!goesAhead()) {
      return; // stepsAheadAreThoseOneByOne has seen that it cannot
    }
    int steps = 6;
    List<TokenChoice> choices =
        List.of(
            new TokenChoice(1, 0, 1, draws(steps)),
            new TokenChoice(0.7, 5, 1, draws(steps)),
            TokenChoice.LIKELIEST,
            new TokenChoice(1.3, 0, 0.8, draws(steps)),
            new TokenChoice(1, 5, 1, almostOne(steps)),
            new TokenChoice(0.9, 20, 0.9, draws(steps)),
            new TokenChoice(1.1, 0, 0, draws(steps)),
            new TokenChoice(1.1, 7, 1e-60, draws(steps)));
    int rows = choices.size();
    int[][] tokens = new int[rows][];
    Arrays.fill(tokens, new int[] {2});
    float[] logits = new float[(1 + steps) * rows * vocabulary];
    try (LanguageSession session = it.model.language().open(1, 16)) {
      session.append(cat, new int[][] {{30}}, logits);
      try (LanguageSession fork = session.fork(new int[rows], 16)) {
        int[][] ids =
            fork.appendAhead(new float[0], tokens, new FurtherSteps(steps, choices), logits);
        for (int step = 0; step < ids.length; step++) {
          for (int row = 0; row < rows; row++) {
            float[] own = row(logits, step * rows + row);
            assertThat(ids[step][row])
                .as("step %d, row %d", step, row)
                .isEqualTo(TokenChoices.choose(choices.get(row), step, own));
          }
        }
        assertThat(ids.length).isGreaterThan(2);
        int[] whole = {30, 2, ids[0][0], ids[1][0]};
        tolerance().check("third step", fresh(cat, whole), row(logits, 2 * rows));
      }
    }
  }

  /** An encoder reads in the same call; rows of one prompt and of another go on together. */
  @Test
  void aDecoderGoesAheadBehindItsEncoder() {
    if (!goesAhead()) {
      return; // stepsAheadAreThoseOneByOne has seen that it cannot
    }
    try (Loaded own =
        new Loaded(backend(), Fixtures.directory("tiny-t5"), it.golden, cache, execution())) {
      int size = own.checkpoint.config().text().vocabularySize();
      float[] first = own.features("landscape.png");
      float[] features = Arrays.copyOf(first, 2 * first.length);
      System.arraycopy(own.features("portrait.png"), 0, features, first.length, first.length);
      List<TokenChoice> choices =
          List.of(TokenChoice.LIKELIEST, new TokenChoice(1.2, 0, 0.9, draws(5)));
      float[] logits = new float[6 * 2 * size];
      float[] single = new float[3 * size];
      int[][] prompts = {{1}, {5, 6, 1}};
      try (LanguageSession session = own.model.language().open(2, 20);
          LanguageSession steps = own.model.language().open(2, 20)) {
        int[][] ids = session.appendAhead(features, prompts, new FurtherSteps(5, choices), logits);
        assertThat(session.length(1)).isEqualTo(1 + ids.length);
        steps.append(features, prompts, single);
        for (int step = 0; step < ids.length; step++) {
          assertAhead(logits, single, step, size);
          for (int row = 0; row < 2; row++) {
            float[] scores = Arrays.copyOfRange(single, row * size, (row + 1) * size);
            assertThat(ids[step][row])
                .isEqualTo(TokenChoices.choose(choices.get(row), step, scores));
          }
          steps.append(new float[0], new int[][] {{ids[step][0]}, {ids[step][1]}}, single);
        }
        assertAhead(logits, single, ids.length, size);
        session.select(new int[] {1, 0, 1});
        steps.select(new int[] {1, 0, 1});
        int[][] more = {{9}, {8}, {7}};
        session.appendAhead(
            new float[0],
            more,
            new FurtherSteps(1, Collections.nCopies(3, TokenChoice.LIKELIEST)),
            logits);
        steps.append(new float[0], more, single);
        tolerance().check("on", single, Arrays.copyOf(logits, 3 * size));
      }
    }
  }

  private void assertAhead(float[] ahead, float[] single, int step, int size) {
    float[] found = Arrays.copyOfRange(ahead, step * 2 * size, (step + 1) * 2 * size);
    tolerance().check("step " + step, Arrays.copyOf(single, 2 * size), found);
  }

  /** Further steps of two rows. */
  private static FurtherSteps likeliest(int most) {
    return new FurtherSteps(most, List.of(TokenChoice.LIKELIEST, TokenChoice.LIKELIEST));
  }

  private static double[] almostOne(int count) {
    double[] draws = new double[count];
    Arrays.fill(draws, Math.nextDown(1.0));
    return draws;
  }

  private static double[] draws(int count) {
    return new Random(count).doubles(count).toArray();
  }

  /** Several rows behind a kept beginning may be taken one step at a time, but never wrong. */
  @Test
  void rowsGoAheadFromAKeptBeginning() {
    if (!goesAhead()) {
      return; // stepsAheadAreThoseOneByOne has seen that it cannot
    }
    float[] logits = new float[2 * 4 * vocabulary];
    try (LanguageSession session = it.model.language().open(1, 16)) {
      session.append(cat, new int[][] {{2}}, logits);
      try (LanguageSession fork = session.fork(new int[] {0, 0}, 16)) {
        int[][] tokens = {{30, 31}, {32, 33}};
        int further = fork.appendAhead(new float[0], tokens, likeliest(3), logits).length;
        assertThat(fork.length(0)).isEqualTo(6 + 3 + further);
        tolerance().check("row 0", fresh(cat, 2, 30, 31), row(logits, 0));
        tolerance().check("row 1", fresh(cat, 2, 32, 33), row(logits, 1));
      }
    }
  }

  private static int[] with(int[] tokens, int next) {
    int[] more = Arrays.copyOf(tokens, tokens.length + 1);
    more[tokens.length] = next;
    return more;
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  @Test
  void goesBackAndForks() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, 64)) {
      session.append(cat, new int[][] {{2, 30, 31, 32}}, logits);
      session.truncate(6 + 2);
      assertThat(session.length(0)).isEqualTo(8);
      try (LanguageSession fork = session.fork(new int[] {0}, 9)) {
        session.append(new float[0], new int[][] {{33, 34}}, logits);
        tolerance().check("went back", fresh(cat, 2, 30, 33, 34), logits);
        fork.append(new float[0], new int[][] {{35}}, logits);
        tolerance().check("fork", fresh(cat, 2, 30, 35), logits);
      }
      session.append(new float[0], new int[][] {{36}}, logits);
      tolerance().check("after the fork", fresh(cat, 2, 30, 33, 34, 36), logits);
    }
  }

  @Test
  void unequalTokensGoOnBehindForkedRows() {
    float[] logits = new float[3 * vocabulary];
    try (LanguageSession session = it.model.language().open(2, 12)) {
      session.append(both(), new int[][] {{2}, {2, 30, 31}}, logits);
      try (LanguageSession fork = session.fork(new int[] {1, 0, 1}, 32)) {
        fork.append(new float[0], new int[][] {{32, 33}, {34}, {35, 36, 37}}, logits);
        tolerance().check("first", fresh(dog, 2, 30, 31, 32, 33), row(logits, 0));
        tolerance().check("second", fresh(cat, 2, 34), row(logits, 1));
        tolerance().check("third", fresh(dog, 2, 30, 31, 35, 36, 37), row(logits, 2));
        fork.append(new float[0], new int[][] {{40}, {41}, {42}}, logits);
        tolerance().check("second on", fresh(cat, 2, 34, 41), row(logits, 1));
        tolerance().check("third on", fresh(dog, 2, 30, 31, 35, 36, 37, 42), row(logits, 2));
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
        alone.append(second, new int[][] {{5, 6, 1}}, one);
        alone.append(new float[0], new int[][] {{9}}, one);
        alone.append(new float[0], new int[][] {{11}}, one);
      }
      float[] features = Arrays.copyOf(first, first.length + second.length);
      System.arraycopy(second, 0, features, first.length, second.length);
      float[] logits = new float[3 * size];
      LanguageSession session = own.model.language().open(2, 8);
      session.append(features, new int[][] {{1}, {5, 6, 1}}, logits);
      assertThat(session.length(1)).isEqualTo(1);
      session.select(new int[] {1, 0, 1});
      session.append(new float[0], new int[][] {{8}, {9}, {9}}, logits);
      try (LanguageSession fork = session.fork(new int[] {2, 1}, 20)) {
        session.close(); // what the encoder read stays while a fork uses it
        fork.append(new float[0], new int[][] {{11}, {12}}, logits);
        tolerance().check("fork", one, Arrays.copyOf(logits, size));
        fork.truncate(2);
        fork.append(new float[0], new int[][] {{11}, {13}}, logits);
        tolerance().check("went back", one, Arrays.copyOf(logits, size));
      }
    }
  }

  @Test
  void textWithoutPictureStartsAtTheFirstPosition() {
    float[] logits = new float[vocabulary];
    try (LanguageSession session = it.model.language().open(1, 8)) {
      session.append(new float[0], new int[][] {{2, 30}}, logits);
      assertThat(session.length(0)).isEqualTo(2);
    }
    assertThat(logits[0]).isFinite();
  }

  @Test
  void refusesWhatDoesNotFit() {
    float[] logits = new float[2 * vocabulary];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.language().open(0, 10))
        .withMessageContaining("rows (0) must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> it.model.language().open(1, 161))
        .withMessageContaining("capacity (161) must be 1 to 160");
    try (LanguageSession session = it.model.language().open(2, 10)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(new float[100], new int[][] {{2}, {2}}, logits))
          .withMessageContaining("found 2 rows and 100 floats");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(both(), new int[][] {{2}, {2, 3, 4, 5, 6}}, logits))
          .withMessageContaining("at most 10 positions, found 11");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(both(), new int[][] {{2}, {vocabulary}}, logits))
          .withMessageContaining("ids below 448, found 448");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(both(), new int[][] {{2}, {2}}, new float[9]))
          .withMessageContaining("found 9");
      session.append(both(), new int[][] {{2}, {2}}, logits);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.append(new float[0], new int[][] {{2}, {}}, logits))
          .withMessageContaining("row 1: expected at least 1 token");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(new int[] {2}, 10))
          .withMessageContaining("row (2) must be 0 to 1");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.fork(new int[] {0}, 6))
          .withMessageContaining("capacity (6) must be at least the 7 positions");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.select(new int[] {2}))
          .withMessageContaining("row (2) must be 0 to 1");
      assertThatIllegalArgumentException().isThrownBy(() -> session.truncate(-1));
      session.append(new float[0], new int[][] {{30}, {31}}, logits);
    }
    tolerance().check("nothing was lost", fresh(dog, 2, 31), row(logits, 1));
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
        .isThrownBy(() -> session.append(cat, new int[][] {{2}}, new float[vocabulary]));
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
      Prompt prompt = new Prompt(cat, new int[] {2}, GenerationOptions.defaults());
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
