package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions of adapters: as Python reads them, and never for long. */
class ModulePatternTest {
  private static boolean matches(String expression, String module) {
    return ModulePattern.of("here", expression).matches(module);
  }

  @Test
  void wholeNamesAreMatched() {
    assertThat(matches(".*\\.q_proj", "a.layers.0.q_proj")).isTrue();
    assertThat(matches("q_proj", "a.q_proj")).isFalse();
    assertThat(matches(".*\\.q_proj", "a.q_proj.b")).isFalse();
    assertThat(matches("(?P<tower>a|b)\\.c", "b.c")).isTrue(); // Python's way to name a group
  }

  @ParameterizedTest
  @ValueSource(strings = {"(.*)(.*)(.*)(.*)x", "(a*)(a*)(a*)\\3\\2\\1b", "(.*a){20}x"})
  void whatTakesForeverIsGivenUp(String expression) {
    assertThatThrownBy(() -> matches(expression, "a".repeat(400)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("here: expected")
        .hasMessageContaining("200000 steps");
  }

  @Test
  void longNamesAreRefused() {
    assertThat(matches("a*", "a".repeat(500))).isTrue();
    assertThatThrownBy(() -> matches("a*", "a".repeat(501)))
        .hasMessageContaining("at most 500 letters, found 501");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "[", "*", "a{2,1}", "\\"})
  void whatIsNoExpressionIsRefused(String expression) {
    assertThatThrownBy(() -> ModulePattern.of("here", expression))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("a regular expression, found " + expression);
  }

  @Test
  void deepExpressionsAreCompiledOrRefused() {
    String deep = "(".repeat(999) + "a" + ")".repeat(999);
    try {
      assertThat(matches(deep, "a")).isTrue();
    } catch (CheckpointException e) {
      assertThat(e).hasMessageContaining("here: expected");
    }
  }
}
