package io.github.blip2j.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Arguments of the wrong kind are named with what is expected. */
class ArgumentsTest {
  private static Arguments of(String name, Object value) {
    return new Arguments(Map.of(name, value));
  }

  private static void refused(Runnable work, String words) {
    assertThatThrownBy(work::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  @Test
  void texts() {
    assertThat(of("a", "b").text("a")).isEqualTo("b");
    assertThat(of("a", "b").optionalText("c")).isEmpty();
    refused(() -> of("a", "b").text("image"), "image must be a text, found none");
    refused(() -> of("a", 5).text("a"), "a (5) must be a text");
    refused(() -> of("a", " ").optionalText("a"), "not blank");
  }

  @Test
  void numbers() {
    assertThat(of("a", 3).number("a", 1, 5)).isEqualTo(3);
    assertThat(of("a", 3.0).number("a", 1, 5)).isEqualTo(3);
    assertThat(of("a", 3).number("b", 2, 5)).isEqualTo(2);
    for (Object wrong : List.of(0, 6, 1.5, "3", Long.MAX_VALUE, Double.NaN)) {
      refused(() -> of("a", wrong).number("a", 1, 5), "a (" + wrong + ") must be a whole number");
    }
  }

  @Test
  void lists() {
    assertThat(of("a", List.of("b", "c")).texts("a", 2)).containsExactly("b", "c");
    for (Object wrong : List.of("b", List.of(), List.of("a", "b", "c"), List.of(1), List.of(""))) {
      refused(() -> of("a", wrong).texts("a", 2), "a must be a list of 1 to 2 texts");
    }
    refused(() -> of("a", 1).texts("b", 2), "b must be a list");
  }
}
