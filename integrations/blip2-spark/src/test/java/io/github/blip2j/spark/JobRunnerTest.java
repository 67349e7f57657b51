package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CacheStatistics;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.testkit.Fixtures;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskKilledException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A batch of rows without Spark around it; above all one whose task is killed meanwhile. */
class JobRunnerTest {
  private static final String CIRCLE = "a red circle";

  private final List<Integer> read = new ArrayList<>();

  @AfterEach
  void theNextTestIsNotInterrupted() {
    assertThat(Thread.interrupted()).isFalse();
  }

  private static Job job(Job.Task task, Path model) {
    return new Job(task, ModelSpec.of(model.toString()), "", 8, 0, 0);
  }

  private static JobRunner captions() {
    return new JobRunner(job(Job.Task.CAPTION, DemoModel.captioner()));
  }

  /** A row whose image is read by its path. */
  private ImageRow row(int scene, String text, Runnable whenRead) {
    Object path =
        new Object() {
          @Override
          public String toString() {
            read.add(scene);
            whenRead.run();
            return Scenes.folder().resolve("scene-0" + scene + ".png").toUri().toString();
          }
        };
    return new ImageRow(path, text);
  }

  private ImageRow row(int scene, String text) {
    return row(scene, text, () -> {});
  }

  /** A row in whose midst the task is killed, which interrupts its thread. */
  private ImageRow killing(int scene, String text) {
    return row(scene, text, () -> Thread.currentThread().interrupt());
  }

  private static void stops(JobRunner runner, List<ImageRow> rows) {
    assertThatThrownBy(() -> runner.run(rows)).isInstanceOf(TaskKilledException.class);
    assertThat(Thread.interrupted()).as("Spark clears it itself").isTrue();
  }

  /** Cut short before their first tokens, they would be empty and without an error. */
  @Test
  void textsOfAKilledTaskAreNoResults() {
    JobRunner runner = captions();
    stops(runner, List.of(row(0, ""), killing(1, "")));
    List<JobRunner.Outcome> outcomes = runner.run(List.of(row(0, ""), row(1, "")));
    assertThat(outcomes)
        .hasSize(2)
        .allSatisfy(
            outcome -> {
              assertThat(outcome.error()).isNull();
              assertThat(outcome.value()).isNotNull().isNotEqualTo("");
            });
  }

  /** Matching says that it was stopped, which would be the row's error. */
  @Test
  void whatAKilledTaskFailsWithIsNoErrorOfARow() {
    JobRunner runner = new JobRunner(job(Job.Task.MATCH, DemoModel.matcher()));
    stops(runner, List.of(row(0, CIRCLE), killing(1, CIRCLE)));
    List<JobRunner.Outcome> outcomes = runner.run(List.of(row(0, CIRCLE), row(1, CIRCLE)));
    assertThat(outcomes).hasSize(2).allSatisfy(o -> assertThat(o.error()).isNull());
  }

  @Test
  void aKilledTaskReadsNoFurtherImage() {
    stops(captions(), List.of(row(0, ""), killing(1, ""), row(2, ""), row(3, "")));
    assertThat(read).containsExactly(0, 1);
  }

  /** One prompt is too long, so that all are written one by one. */
  @Test
  void anErrorOfARowDoesNotHideThatTheTaskIsKilled() {
    stops(captions(), List.of(row(0, "very ".repeat(3000)), killing(1, "")));
  }

  @Test
  void nothingIsKeptOfAnImageThatComesOnce() {
    Job job = job(Job.Task.CAPTION, DemoModel.captioner());
    assertThat(new JobRunner(job).run(List.of(row(0, ""))).get(0).value()).isNotNull();
    assertThat(ExecutorModels.model(job.model()).prefixCacheStatistics())
        .isEqualTo(new CacheStatistics(0, 0, 0, 0, 0));
  }

  /** InstructBLIP's vectors are made together with a prompt, so an image alone has none. */
  @Test
  void aModelWithoutVectorsOfImagesSaysSoInEveryRow() {
    Path instructed = Fixtures.directory("tiny-instructblip-t5");
    for (Job.Task task : List.of(Job.Task.EMBED, Job.Task.FEATURES)) {
      List<JobRunner.Outcome> outcomes =
          new JobRunner(job(task, instructed)).run(List.of(row(0, ""), row(1, "")));
      assertThat(outcomes)
          .hasSize(2)
          .allSatisfy(
              outcome -> {
                assertThat(outcome.value()).isNull();
                assertThat(outcome.error()).contains("InstructBLIP");
              });
    }
  }

  @Test
  void aBrokenImageFailsItsRowAlone() {
    ImageRow broken = new ImageRow("no image".getBytes(StandardCharsets.UTF_8), "");
    List<JobRunner.Outcome> outcomes = captions().run(List.of(broken, row(1, "")));
    assertThat(outcomes.get(0).error()).isNotBlank();
    assertThat(outcomes.get(1).error()).isNull();
    assertThat(outcomes.get(1).tokens()).isPositive();
  }
}
