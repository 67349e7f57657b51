package io.github.blip2j.internal.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OptionTextTest {
  private static final Map<String, Object> DEFAULTS =
      Map.of("beams", 1, "seed", OptionalLong.empty(), "stop", Optional.empty(), "ids", List.of());

  private static String text(Map<String, Object> changes) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (String name : List.of("beams", "seed", "stop", "ids")) {
      values.put(name, changes.getOrDefault(name, DEFAULTS.get(name)));
    }
    return OptionText.of("Options", values, DEFAULTS);
  }

  @Test
  void onlyWhatDiffersIsShownInItsOrder() {
    assertThat(text(Map.of())).isEqualTo("Options[defaults]");
    assertThat(text(Map.of("beams", 1))).isEqualTo("Options[defaults]");
    assertThat(text(Map.of("stop", Optional.of("."), "beams", 5)))
        .isEqualTo("Options[beams=5, stop=.]");
    assertThat(text(Map.of("seed", OptionalLong.of(7)))).isEqualTo("Options[seed=7]");
  }

  @Test
  void longListsAreCut() {
    assertThat(text(Map.of("ids", List.of(1, 2, 3, 4, 5, 6, 7, 8))))
        .isEqualTo("Options[ids=[1, 2, 3, 4, 5, 6, 7, 8]]");
    assertThat(text(Map.of("ids", List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))))
        .isEqualTo("Options[ids=[1, 2, 3, 4, 5, 6, 7, 8, and 2 more]]");
  }

  @Test
  void whatIsNoNumberIsNamed() {
    float[] good = {0, -1, Float.MAX_VALUE, Float.MIN_VALUE};
    assertThat(Numbers.require("vision", good)).isSameAs(good);
    assertThat(Numbers.firstBad(good)).isEqualTo(-1);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> Numbers.require("vision", new float[] {1, bad, bad}))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("vision: expected finite numbers, found " + bad + " at index 1");
    }
  }
}
