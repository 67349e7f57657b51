package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.retrieval.Match;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code doctor} takes for a difference, and that its models see what they are shown. */
class SelfCheckTest {
  private static final SelfCheck EXPECTED =
      new SelfCheck(
          List.of(List.of(5, 2), List.of(7)), List.of(new Match(0.9, 0.4), new Match(0.1, 0.2)));

  private static SelfCheck with(Match second) {
    return new SelfCheck(EXPECTED.tokens(), List.of(new Match(0.91, 0.39), second));
  }

  @Test
  void otherTokensAreADifference() {
    SelfCheck other = new SelfCheck(List.of(List.of(5, 2), List.of(8)), EXPECTED.matches());
    assertThat(other.differenceFrom(EXPECTED))
        .contains("other tokens: [[5, 2], [8]], not [[5, 2], [7]]");
    assertThat(EXPECTED.differenceFrom(EXPECTED)).isEmpty();
  }

  @Test
  void anotherMatchIsADifferenceAndSoIsNoNumber() {
    assertThat(with(new Match(0.11, 0.21)).differenceFrom(EXPECTED)).isEmpty();
    for (Match match :
        List.of(new Match(0.2, 0.2), new Match(0.1, 0.1), new Match(0.1, Double.NaN))) {
      assertThat(with(match).differenceFrom(EXPECTED).orElseThrow())
          .startsWith("another match of \"a blue square\": ")
          .contains(match.toString());
    }
  }

  /** Else any two backends that are wrong in the same way would do. */
  @Test
  void theScenesTruthIsFound() {
    SelfCheck found = SelfCheck.of("onnx", Device.CPU, LoadListener.NONE);
    assertThat(found.tokens()).hasSize(3).noneMatch(List::isEmpty);
    assertThat(found.matches()).hasSize(3);
    assertThat(found.matches().get(0).itmProbability()).isGreaterThan(0.9);
    assertThat(found.matches().get(2).itmProbability()).isLessThan(0.1);
  }
}
