package io.github.blip2j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.family.TextBounds;
import io.github.blip2j.stage.HostTensor;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Texts of unequal lengths as one batch, and how a model is to run. */
class TextRowsTest {
  private static final TextBounds BOUNDS = new TextBounds(100, 4);
  private static final int[][] TEXTS = {{7, 8, 9}, {5}};

  private static void refused(int[][] texts, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextRows.of(BOUNDS, texts, 0))
        .withMessage(message);
  }

  @Test
  void shorterTextsArePaddedAtTheirEnd() {
    TextRows rows = TextRows.of(BOUNDS, TEXTS, 0);
    assertThat(rows.rows()).isEqualTo(2);
    assertThat(rows.width()).isEqualTo(3);
    assertThat(rows.ids()).containsExactly(7, 8, 9, 5, 0, 0);
    assertThat(rows.positionIds()).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(rows.mask()).containsExactly(1, 1, 1, 1, 0, 0);
  }

  private static long[] shape(TextRows rows, String input) {
    HostTensor found = Objects.requireNonNull(rows.inputs().get(input), input);
    return found.shape();
  }

  /** Vectors in front of a text are all there, however short it is. */
  @Test
  void whatStandsInFrontIsNotMasked() {
    TextRows rows = TextRows.of(BOUNDS, TEXTS, 2);
    assertThat(rows.mask()).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
    assertThat(shape(rows, ModelProgram.MASK)).containsExactly(2, 5);
    assertThat(shape(rows, ModelProgram.IDS)).containsExactly(2, 3);
    assertThat(shape(rows, ModelProgram.POSITION_IDS)).containsExactly(2, 3);
  }

  @Test
  void textsHaveTokensThatTheModelKnows() {
    TextRows.of(BOUNDS, new int[][] {{0, 99, 0, 99}}, 0);
    refused(new int[][] {{1}, {}}, "text 1: expected 1 to 4 tokens, found 0");
    refused(new int[][] {{1, 2, 3, 4, 5}}, "text 0: expected 1 to 4 tokens, found 5");
    refused(new int[][] {{1}, {2, 100}}, "text 1: expected ids below 100, found 100");
    refused(new int[][] {{-1}}, "text 0: expected ids below 100, found -1");
    refused(new int[0][], "texts (0) must be at least 1");
  }

  @Test
  void anExecutionSaysHowToRun() {
    Device cpu = Device.parse("cpu");
    WeightLayout layout = WeightLayout.values()[0];
    Execution plain = new Execution(cpu, 2, layout);
    assertThat(plain.precisions()).isEqualTo(Precisions.of(Precision.FLOAT32));
    assertThat(plain.draft()).isEmpty();
    Precisions half = Precisions.of(Precision.FLOAT16);
    Optional<Precision> draft = Optional.of(Precision.INT8);
    Execution drafted = new Execution(cpu, 2, layout, plain.precisions(), draft);
    assertThat(drafted.with(half)).isEqualTo(new Execution(cpu, 2, layout, half, draft));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Execution(cpu, 0, layout))
        .withMessage("threads (0) must be at least 1");
  }
}
