package io.github.blip2j.testkit;

import static io.github.blip2j.testkit.TinyOpt.QUERIES;
import static io.github.blip2j.testkit.TinyOpt.START;
import static io.github.blip2j.testkit.TinyOpt.VOCABULARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.spi.DraftingSession;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * What a backend must do that loads a draft beside the model: every token is still the reference's,
 * some of them were guessed, and its sessions take guesses back. Demands: {@link
 * io.github.blip2j.spi.Backend#drafts} has INT4.
 */
public abstract class DraftContract extends BackendContract {
  private static final int CAPACITY = 64;

  @Override
  protected Execution execution() {
    return new Execution(
        Device.CPU,
        1,
        WeightLayout.PACKED,
        Precisions.of(Precision.FLOAT32),
        Optional.of(Precision.INT4));
  }

  @Test
  void theDraftIsOffered() {
    assertThat(backend().drafts(Device.CPU)).contains(Precision.INT4);
  }

  /** Also in a fork, which has the draft too. */
  @Test
  void guessesAreTakenBackWithoutATrace() {
    LanguageModel language = load("tiny-opt").model.language();
    float[] cat = load("tiny-opt").golden.tensor("landscape.png/projected");
    float[] logits = new float[3 * VOCABULARY];
    try (DraftingSession session = language.drafting().orElseThrow().open(1, CAPACITY)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> session.guess(START, logits))
          .withMessageContaining("1 row that has begun");
      session.append(cat, new int[][] {{START, 30}}, logits);
      try (DraftingSession fork = session.fork(new int[] {0}, CAPACITY)) {
        fork.guess(31, logits);
        fork.guess(32, logits);
        assertThat(fork.length(0)).isEqualTo(QUERIES + 4);
        assertThat(logits).doesNotContain(Float.NaN);
        fork.truncate(QUERIES + 2);
        fork.appendEach(new int[] {31, 33}, logits);
        Tolerance.LOGITS.check("first", fresh(language, cat, START, 30, 31), row(logits, 0));
        Tolerance.LOGITS.check("second", fresh(language, cat, START, 30, 31, 33), row(logits, 1));
      }
    }
  }

  /** Logits after an image and tokens, computed in one go in a session of its own. */
  private static float[] fresh(LanguageModel language, float[] features, int... tokens) {
    float[] logits = new float[VOCABULARY];
    try (LanguageSession session = language.open(1, CAPACITY)) {
      session.append(features, new int[][] {tokens}, logits);
    }
    return logits;
  }

  private static float[] row(float[] logits, int row) {
    return Arrays.copyOfRange(logits, row * VOCABULARY, (row + 1) * VOCABULARY);
  }

  /** Else it was not the draft that was tested. */
  @Override
  @AfterAll
  void closeAll() {
    DraftStatistics guesses = guesses();
    super.closeAll();
    assertThat(guesses.accepted()).isPositive();
    assertThat(guesses.guessed()).isGreaterThan(guesses.accepted());
  }
}
