package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.generation.InferenceListener;
import io.github.blip2j.generation.ModelStage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever a listener throws, nothing is lost that it did not make. */
class StageClockTest {
  private static final RuntimeException HEARD = new IllegalStateException("heard enough");
  private static final RuntimeException ENGINE = new IllegalStateException("the engine fails");

  private final List<String> closed = new ArrayList<>();
  private final StageClock broken =
      new StageClock(
          new InferenceListener() {
            @Override
            public void ran(ModelStage stage, Duration took) {
              throw HEARD;
            }
          });

  @Test
  void aResultThatNobodyGetsIsClosed() {
    assertThatThrownBy(() -> broken.open(ModelStage.PREFILL, () -> "session", closed::add))
        .isSameAs(HEARD);
    assertThat(closed).containsExactly("session");
    StageClock clock = new StageClock(InferenceListener.NONE);
    assertThat(clock.open(ModelStage.PREFILL, () -> "other", closed::add)).isEqualTo("other");
    assertThat(closed).containsExactly("session");
  }

  @Test
  void whatFailedFirstIsThrown() {
    assertThatThrownBy(() -> broken.time(ModelStage.PREFILL, StageClockTest::failed))
        .isSameAs(ENGINE)
        .hasSuppressedException(HEARD);
    assertThatThrownBy(() -> broken.open(ModelStage.PREFILL, StageClockTest::failed, closed::add))
        .isSameAs(ENGINE);
    assertThat(closed).isEmpty();
    assertThatThrownBy(
            () ->
                broken.time(
                    ModelStage.PREFILL, () -> broken.time(ModelStage.DECODE, () -> "inside")))
        .isSameAs(HEARD)
        .hasNoSuppressedExceptions();
  }

  private static String failed() {
    throw ENGINE;
  }
}
