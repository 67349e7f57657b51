package io.github.blip2j.internal.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.core.InferenceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers of an engine are finite, or said not to be. */
class NumbersTest {
  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void theFirstThatIsNotFiniteIsNamed(float bad) {
    float[] numbers = {1, Float.MAX_VALUE, bad, Float.NaN};
    assertThat(Numbers.firstBad(numbers)).isEqualTo(2);
    assertThatThrownBy(() -> Numbers.require("qformer", numbers))
        .isInstanceOf(InferenceException.class)
        .hasMessage("qformer: expected finite numbers, found " + bad + " at index 2");
  }

  @Test
  void finiteNumbersAreGivenBack() {
    float[] numbers = {0, -0f, Float.MIN_VALUE, -Float.MAX_VALUE};
    assertThat(Numbers.require("vision", numbers)).isSameAs(numbers);
    assertThat(Numbers.firstBad(numbers)).isEqualTo(-1);
    assertThat(Numbers.firstBad(new float[0])).isEqualTo(-1);
  }

  @Test
  void scoresBecomeProbabilities() {
    double[] found = Numbers.softmax(new double[] {0, Math.log(2), Math.log(5)});
    assertThat(found).containsExactly(new double[] {1 / 8.0, 2 / 8.0, 5 / 8.0}, within(1e-12));
    assertThat(Numbers.softmax(new double[] {7})).containsExactly(1);
    assertThat(Numbers.softmax(new double[0])).isEmpty();
  }

  /** Beyond what e to the power of them would hold. */
  @Test
  void largeScoresDoNotOverflow() {
    assertThat(Numbers.softmax(new double[] {1e6, 1e6 - 1, -1e6}))
        .containsExactly(
            new double[] {1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(1)), 0}, within(1e-12));
    double[] impossible = Numbers.softmax(new double[] {Double.NEGATIVE_INFINITY, 0});
    assertThat(impossible).containsExactly(0, 1);
  }
}
