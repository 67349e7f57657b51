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
  private final RuntimeException heard = new IllegalStateException("heard enough");
  private final RuntimeException engine = new IllegalStateException("the engine fails");

  private final List<String> closed = new ArrayList<>();
  private final StageClock broken =
      new StageClock(
          new InferenceListener() {
            @Override
            public void ran(ModelStage stage, Duration took) {
              throw heard;
            }
          });

  @Test
  void aResultThatNobodyGetsIsClosed() {
    assertThatThrownBy(() -> broken.open(ModelStage.PREFILL, () -> "session", closed::add))
        .isSameAs(heard);
    assertThat(closed).containsExactly("session");
    StageClock clock = new StageClock(InferenceListener.NONE);
    assertThat(clock.open(ModelStage.PREFILL, () -> "other", closed::add)).isEqualTo("other");
    assertThat(closed).containsExactly("session");
  }

  @Test
  void whatFailedFirstIsThrown() {
    assertThatThrownBy(() -> broken.time(ModelStage.PREFILL, this::failed))
        .isSameAs(engine)
        .hasSuppressedException(heard);
    assertThatThrownBy(() -> broken.open(ModelStage.PREFILL, this::failed, closed::add))
        .isSameAs(engine);
    assertThat(closed).isEmpty();
    assertThatThrownBy(
            () ->
                broken.time(
                    ModelStage.PREFILL, () -> broken.time(ModelStage.DECODE, () -> "inside")))
        .isSameAs(heard)
        .hasNoSuppressedExceptions();
  }

  /** Others wait for that work, and not for the listener. */
  @Test
  void whatIsDoneSilentlyIsToldAfterwards() {
    List<String> stages = new ArrayList<>();
    StageClock clock =
        new StageClock(
            new InferenceListener() {
              @Override
              public void ran(ModelStage stage, Duration took) {
                stages.add(stage.name());
              }
            });
    clock.silently(
        () -> {
          clock.time(ModelStage.VISION, () -> 1);
          assertThat(stages).isEmpty();
          return clock.time(ModelStage.QFORMER, () -> 2);
        });
    assertThat(stages).containsExactly("VISION", "QFORMER");
    clock.time(ModelStage.PREFILL, () -> 3);
    assertThat(stages).endsWith("PREFILL");
    assertThatThrownBy(() -> broken.silently(() -> broken.time(ModelStage.VISION, this::failed)))
        .isSameAs(engine)
        .hasSuppressedException(heard);
  }

  private String failed() {
    throw engine;
  }
}
