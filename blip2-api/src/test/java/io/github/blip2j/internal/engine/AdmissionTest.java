package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.OverloadedException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.InferenceListener;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  @Test
  void oneMoreThanThereIsRoomForIsRefused() {
    Admission admission = new Admission(2, 1, InferenceListener.NONE, () -> {});
    for (int i = 0; i < 3; i++) {
      admission.enter();
    }
    assertThatThrownBy(admission::enter)
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("at most 3 texts under way (2 rows that share steps and 1 that wait)")
        .hasMessageContaining("Blip2Builder.concurrency");
    admission.leave();
    assertThat(admission.during(() -> "served")).isEqualTo("served");
    admission.enter();
    assertThatThrownBy(() -> admission.during(() -> "refused"))
        .isInstanceOf(OverloadedException.class);
  }

  @Test
  void aCallThatFailsMakesRoom() {
    Admission admission = new Admission(1, 0, InferenceListener.NONE, () -> {});
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> admission.during(AdmissionTest::broken)).hasMessage("broken");
      assertThatThrownBy(() -> admission.begin(AdmissionTest::broken)).hasMessage("broken");
    }
    assertThat(admission.begin(() -> "goes on")).isEqualTo("goes on");
    assertThatThrownBy(admission::enter).isInstanceOf(OverloadedException.class);
  }

  /** Before anyone is refused, calls that nobody holds any more are ended. */
  @Test
  void whatWasForgottenMakesRoom() {
    Deque<Admission> held = new ArrayDeque<>();
    Runnable forgotten =
        () -> {
          for (Admission one = held.poll(); one != null; one = held.poll()) {
            one.leave();
          }
        };
    Admission admission = new Admission(1, 1, InferenceListener.NONE, forgotten);
    admission.enter();
    admission.enter();
    held.add(admission);
    admission.enter();
    assertThatThrownBy(admission::enter).isInstanceOf(OverloadedException.class);
  }

  private static String broken() {
    throw new IllegalStateException("broken");
  }

  @Test
  void withoutABoundEveryoneIsAdmitted() {
    Admission admission = Admission.unlimited();
    for (int i = 0; i < 1000; i++) {
      admission.enter();
    }
    int most = Integer.MAX_VALUE;
    Admission large = new Admission(most, most, InferenceListener.NONE, () -> {});
    large.enter(); // the sum is not negative
  }

  @Test
  void patienceEndsWithTheLastDeadlineOrAnInterrupt() {
    GenerationOptions late = GenerationOptions.builder().maxTime(Duration.ofNanos(1)).build();
    GenerationOptions ages =
        GenerationOptions.builder().maxTime(Duration.ofSeconds(Long.MAX_VALUE)).build();
    CallPatience over = new CallPatience(List.of(late, late));
    assertThat(over.ends()).as("it has not waited").isFalse();
    over.waited(2);
    assertThat(over.left()).isNegative();
    assertThat(over.ends()).isTrue();
    assertThat(over.reason()).isEqualTo(FinishReason.DEADLINE);
    CallPatience endless = new CallPatience(List.of(late, ages));
    assertThat(endless.ends()).isFalse();
    endless.waited(3);
    endless.waited(4);
    assertThat(endless.waited()).isEqualTo(7);
    Thread.currentThread().interrupt();
    assertThat(endless.ends()).isTrue();
    assertThat(endless.reason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(Thread.interrupted()).isTrue();
  }
}
