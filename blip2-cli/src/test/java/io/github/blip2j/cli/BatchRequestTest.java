package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.generation.GenerationOptions;
import org.junit.jupiter.api.Test;

class BatchRequestTest {
  private static GenerationOptions options(String arguments) {
    return BatchRequest.parse("{\"image\": \"a.png\", " + arguments + "}").options();
  }

  @Test
  void switchedOffOptionsAreNotLookedAt() {
    assertThat(options("\"temperature\": 0.0, \"top_p\": 0").doSample()).isFalse();
    assertThat(options("\"top_p\": 1.5").topP()).isEqualTo(1.5);
  }

  /** As in the reference, new tokens take precedence, wherever they stand. */
  @Test
  void lengthsHaveTheReferencesNames() {
    assertThat(options("\"max_length\": 60, \"min_length\": 40").maxLength()).hasValue(60);
    assertThat(options("\"max_length\": 60, \"min_length\": 40").minLength()).hasValue(40);
    assertThat(options("\"max_new_tokens\": 7, \"max_length\": 60").maxLength()).isEmpty();
    assertThat(options("\"preset\": \"coco-caption\", \"max_length\": 60").maxLength())
        .hasValue(60);
  }
}
