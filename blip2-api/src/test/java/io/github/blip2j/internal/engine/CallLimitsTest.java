package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GenerationOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a call may be, in tokens and in time, and what an interrupt makes of it. */
class CallLimitsTest {
  private static final Duration PAST = Duration.ofNanos(1);
  private static final Duration LONG = Duration.ofDays(1);

  @AfterEach
  void clear() {
    Thread.interrupted();
  }

  private static GenerationOptions within(Duration time) {
    return GenerationOptions.builder().maxTime(time).build();
  }

  @ParameterizedTest
  @CsvSource({
    "max 50 min 0 of 40,10,0",
    "max 50 min 45 of 40,10,5",
    "max 50 min 60 of 40,10,10",
    "max 41 min 0 of 40,1,0",
    "max 50 min 30 of 40,10,0"
  })
  void lengthsAreWhatIsLeftForNewTokens(String lengths, int most, int least) {
    String[] words = lengths.split(" ");
    GenerationOptions options =
        GenerationOptions.builder()
            .maxLength(Integer.parseInt(words[1]))
            .minLength(Integer.parseInt(words[3]))
            .build();
    GenerationOptions behind = Lengths.behind(options, Integer.parseInt(words[5]));
    assertThat(behind.maxNewTokens()).isEqualTo(most);
    assertThat(behind.minNewTokens()).isEqualTo(least);
    assertThat(behind.maxLength()).as("nothing is counted twice").isEmpty();
    assertThat(behind.minLength()).isEmpty();
  }

  @Test
  void withoutLengthsNothingChanges() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(7).build();
    assertThat(Lengths.behind(options, 1000)).isSameAs(options);
  }

  @Test
  void aLeastLengthAloneIsBoundByTheNewTokens() {
    GenerationOptions options = GenerationOptions.builder().maxNewTokens(7).minLength(46).build();
    assertThat(Lengths.behind(options, 40).minNewTokens()).isEqualTo(6);
    assertThat(Lengths.behind(options, 10).minNewTokens()).isEqualTo(7);
  }

  @Test
  void aLengthThatLeavesNoRoomIsNamed() {
    GenerationOptions options = GenerationOptions.builder().maxLength(40).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Lengths.behind(options, 40))
        .withMessage("max_length (40) must be above what the image and the prompt take (40)");
  }

  /** The longest of all texts counts: the others are ended one by one. */
  @Test
  void patienceEndsWithTheLastText() {
    CallPatience both = new CallPatience(List.of(within(PAST), within(LONG)));
    assertThat(both.ends()).isFalse();
    assertThat(both.left()).isPositive().isLessThanOrEqualTo(LONG.toNanos());
    CallPatience late = new CallPatience(List.of(within(PAST), within(PAST)));
    late.waits();
    while (!late.ends()) {
      Thread.onSpinWait();
    }
    assertThat(late.reason()).isEqualTo(FinishReason.DEADLINE);
  }

  @Test
  void whatACallComputesItselfIsNoWaiting() {
    CallPatience patience = new CallPatience(List.of(within(Duration.ofNanos(3))));
    patience.waited(1);
    for (long start = System.nanoTime(); System.nanoTime() - start < 1000; ) {
      Thread.onSpinWait();
    }
    assertThat(patience.left()).isEqualTo(2);
    patience.waited(1);
    assertThat(patience.left()).as("waits add up").isEqualTo(1);
    patience.waits();
    while (!patience.ends()) {
      Thread.onSpinWait();
    }
    patience.waited(1);
    assertThat(patience.left()).as("the wait is over, and known").isZero();
  }

  @Test
  void patienceWithoutALimitHasNone() {
    for (GenerationOptions endless :
        List.of(GenerationOptions.defaults(), within(Duration.ofSeconds(Long.MAX_VALUE)))) {
      CallPatience patience = new CallPatience(List.of(within(PAST), endless));
      assertThat(patience.left()).isEqualTo(Long.MAX_VALUE);
      assertThat(patience.ends()).isFalse();
    }
  }

  @Test
  void anInterruptEndsPatienceAndIsNoDeadline() {
    CallPatience patience = new CallPatience(List.of(GenerationOptions.defaults()));
    Thread.currentThread().interrupt();
    assertThat(patience.ends()).isTrue();
    assertThat(patience.reason()).isEqualTo(FinishReason.CANCELLED);
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
  }

  @Test
  void waitsAddUp() {
    CallPatience patience = new CallPatience(List.of(GenerationOptions.defaults()));
    patience.waited(3);
    patience.waited(4);
    assertThat(patience.waited()).isEqualTo(7);
  }

  @Test
  void workInPartsStopsBetweenThem() {
    Interrupts.check("vision");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Interrupts.check("vision"))
        .isInstanceOf(InferenceException.class)
        .hasMessage("vision: stopped, since the thread was interrupted");
    assertThat(Thread.currentThread().isInterrupted()).as("it stays so").isTrue();
  }
}
