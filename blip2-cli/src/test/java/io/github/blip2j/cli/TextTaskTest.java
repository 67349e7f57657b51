package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked about each image, and what results call it. */
class TextTaskTest {
  private static final String TEMPLATE = "Question: {} Answer:";

  @Test
  void promptsComeBeforeQuestionsWhichGetTheTemplate() {
    List<TextTask> tasks = TextTask.of(List.of("a photo of", "{}"), List.of("what?"), "unused");
    assertThat(tasks).extracting(TextTask::name).containsExactly("a photo of", "{}", "what?");
    assertThat(tasks)
        .extracting(task -> task.prompt(TEMPLATE))
        .containsExactly("a photo of", "{}", "Question: what? Answer:");
  }

  @Test
  void withoutAnyThereIsOneCaption() {
    assertThat(TextTask.of(List.of(), List.of(), null)).containsExactly(new TextTask(null, false));
    TextTask preset = TextTask.of(List.of(), List.of(), "a photo of").get(0);
    assertThat(preset.prompt(TEMPLATE)).isEqualTo("a photo of");
  }

  @Test
  void aTemplateHasOnePlaceForTheQuestion() {
    TextTask.requireOneHole(TEMPLATE);
    for (String wrong : List.of("", "Question:", "{} and {}")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TextTask.requireOneHole(wrong))
          .withMessage("template (" + wrong + ") must have exactly one {}");
    }
  }
}
