package io.github.blip2j.generation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VqaAnswersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "Two cats.|2 cats",
        "A red circle|red circle",
        "the dog, an apple and a cat|dog apple and cat",
        "none|0",
        "ten|10",
        "1,000 people|1000 people",
        "3.5|3.5",
        "don't know|don't know",
        "dont know|don't know",
        "yes!|yes",
        "black/white|black white",
        "black / white|black white",
        "t-shirt|t shirt",
        "^^|^^"
      })
  void answersAreComparedInTheEvaluationsForm(String answer, String expected) {
    assertThat(VqaAnswers.normalize(answer)).isEqualTo(expected);
  }
}
