package io.github.blip2j.internal.family.t5;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.stage.StepPlan;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers worked by hand from the published 32 buckets up to distance 128. */
class RelativeBucketsTest {
  private static final int BUCKETS = 32;
  private static final int HALF = BUCKETS / 2;
  private static final int HIDDEN = -1;

  private final RelativeBuckets buckets = new RelativeBuckets(config());

  private static T5Config config() {
    return new T5Config(
        8, 4, 16, 1, 1, 2, BUCKETS, 128, 1e-6, "relu", false, true, true, 20, List.of(1), 1, 0, 0);
  }

  /** 8 + ⌊8 · ln(d/8) / ln(16)⌋: 11 is the last of bucket 8, 12 the first of 9, and so on. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1, 1",
    "7, 7",
    "8, 8",
    "11, 8",
    "12, 9",
    "15, 9",
    "16, 10",
    "22, 10",
    "23, 11",
    "31, 11",
    "32, 12",
    "45, 12",
    "46, 13",
    "63, 13",
    "64, 14",
    "90, 14",
    "91, 15",
    "128, 15",
    "100000, 15"
  })
  void anEncodersKeysBehindTheQueryHaveTheUpperHalf(int distance, int bucket) {
    assertThat(buckets.bothWays(-distance)).isEqualTo(bucket);
    assertThat(buckets.bothWays(distance)).isEqualTo(distance == 0 ? 0 : HALF + bucket);
  }

  /** 16 + ⌊16 · ln(d/16) / ln(8)⌋. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "15, 15",
    "16, 16",
    "18, 16",
    "19, 17",
    "20, 17",
    "21, 18",
    "127, 31",
    "128, 31",
    "4095, 31"
  })
  void aDecoderHasAllBucketsForWhatIsThere(int distance, int bucket) {
    assertThat(buckets.number(distance, BUCKETS)).isEqualTo(bucket);
    assertThat(buckets.distances(distance + 1)[distance]).isEqualTo(bucket);
  }

  @Test
  void paddingOfAnEncoderIsNotSeen() {
    assertThat(buckets.encoder(new int[] {2, 1}, 2))
        .containsExactly(0, HALF + 1, 1, 0, 0, HIDDEN, 1, HIDDEN);
  }

  @Test
  void aStepSeesItselfAndWhatIsBeforeIt() {
    StepPlan step =
        new StepPlan(
            0, 2, new long[4], new long[] {1, 2, 0, 1}, new int[] {3, 2}, new long[2], 3, false);
    assertThat(buckets.decoder(step))
        .containsExactly(1, 0, HIDDEN, 2, 1, 0, 0, HIDDEN, HIDDEN, 1, 0, HIDDEN);
  }
}
