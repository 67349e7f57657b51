package io.github.blip2j.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.spi.SteppingSession.FurtherSteps;
import io.github.blip2j.spi.SteppingSession.TokenChoice;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenChoiceTest {
  private static TokenChoice choice(double temperature, int topK, double topP) {
    return new TokenChoice(temperature, topK, topP, new double[] {0.5, 0.25});
  }

  @Test
  void refusesWhatIsOutOfRange() {
    for (double temperature : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> choice(temperature, 0, 1))
          .withMessageContaining("temperature above 0")
          .withMessageContaining(Double.toString(temperature));
    }
    for (double topP : new double[] {-0.5, 1.5, Double.NaN}) {
      assertThatIllegalArgumentException().isThrownBy(() -> choice(1, 0, topP));
    }
    assertThatIllegalArgumentException().isThrownBy(() -> choice(1, -1, 1));
    for (double draw : new double[] {-0.5, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new TokenChoice(1, 0, 1, new double[] {0.5, draw}))
          .withMessageContaining("found " + draw);
    }
  }

  @Test
  void drawsAreItsOwn() {
    double[] draws = {0.5};
    TokenChoice choice = new TokenChoice(1, 0, 1, draws);
    draws[0] = 0.9;
    choice.draws()[0] = 0.8;
    assertThat(choice.draws()).containsExactly(0.5);
    assertThat(choice.isDrawn()).isTrue();
    assertThat(TokenChoice.LIKELIEST.isDrawn()).isFalse();
  }

  @Test
  void everyStepNeedsADraw() {
    List<TokenChoice> choices = List.of(TokenChoice.LIKELIEST, choice(1, 0, 1));
    assertThat(new FurtherSteps(2, choices).choices()).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FurtherSteps(3, choices))
        .withMessageContaining("each of 3 further steps, found 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FurtherSteps(0, choices))
        .withMessageContaining("found 0");
  }
}
