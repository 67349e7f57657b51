package io.github.blip2j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.train.TrainingListener;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short form: of a few scenes the demo model learns the new name of a colour, and keeps most of
 * what it knew of others; the whole form's figures are in the documentation of training.
 */
class NewColorNameTest {
  @TempDir static Path folder;
  private static NewColorName task;

  @BeforeAll
  static void draw() {
    task = new NewColorName(folder, 160, 15);
    NewColorName.Rates before = task.rates(task.demo());
    assertThat(before.named()).isZero();
    assertThat(before.others()).isGreaterThan(0.7);
  }

  private static void check(NewColorName.Rates after) {
    assertThat(after.named()).isGreaterThan(0.4);
    assertThat(after.others()).isGreaterThan(0.4);
  }

  @Test
  void changesOfLowRankLearnIt() {
    task.trainLora(40, folder.resolve("adapter"), TrainingListener.NONE);
    check(task.rates(task.demo().adapter(folder.resolve("adapter"))));
  }

  @Test
  void theQFormerLearnsIt() {
    task.trainQFormer(40, folder.resolve("model"), TrainingListener.NONE);
    check(task.rates(Blip2.builder().model(folder.resolve("model"))));
  }
}
