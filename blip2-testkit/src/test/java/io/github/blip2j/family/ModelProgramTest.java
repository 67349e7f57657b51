package io.github.blip2j.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Precision;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.testkit.Fixtures;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a program says of its stages and of their weights, before anything is compiled. */
class ModelProgramTest {
  /** tiny-opt: three blocks of 40 × (4 · 40 + 2 · 104), and a head of 448 × 40, tied. */
  @Test
  void linearLayersAreCountedInTheirPrecision() {
    ModelProgram program = Checkpoint.open(Fixtures.directory("tiny-opt")).program();
    long elements = 3 * 40 * (4 * 40 + 2 * 104) + 448 * 40;
    assertThat(program.language().weights().linearBytes(Precision.FLOAT32)).isEqualTo(4 * elements);
    assertThat(program.language().weights().linearBytes(Precision.INT4_BLOCK32))
        .isEqualTo((long) (0.625 * (elements - 448 * 40)) + (long) (0.625 * 448 * 40));
    long vision = 3L * (24 * 72 + 24 * 24 + 2 * 24 * 56);
    assertThat(program.vision().weights().linearBytes(Precision.FLOAT16)).isEqualTo(2 * vision);
  }

  /** The text head and the pairs' head read by the Q-Former's own weights. */
  @Test
  void aWeightThatStagesShareCountsOnce() {
    ModelProgram program = Checkpoint.open(Fixtures.directory("tiny-itm")).program();
    List<WeightTensor> together = program.qformerWeights().linear();
    assertThat(together).doesNotHaveDuplicates();
    long apart = program.qformer().weights().linearBytes(Precision.FLOAT32);
    for (Stage head : List.of(program.matching().text(), program.matching().pairs())) {
      assertThat(together).containsAll(head.weights().linear());
      apart += head.weights().linearBytes(Precision.FLOAT32);
    }
    assertThat(together).containsAll(program.qformer().weights().linear());
    assertThat(program.qformerWeights().linearBytes(Precision.FLOAT32)).isLessThan(apart);
    assertThat(together.stream().mapToLong(WeightTensor::elements).sum())
        .isEqualTo(program.qformerWeights().linearBytes(Precision.FLOAT32) / 4);
  }

  /** So that plans, estimates and loading look for a stage's weights once. */
  @Test
  void aProgramHasItsStagesAndMakesThemOnce() {
    for (String name : List.of("tiny-opt", "tiny-t5", "tiny-instructblip-vicuna")) {
      LanguageProgram writes = Checkpoint.open(Fixtures.directory(name)).program().language();
      assertThat(writes.decoder()).as(name).isSameAs(writes.decoder());
      assertThat(writes.decoder().weights()).isSameAs(writes.decoder().weights());
      writes.encoder().ifPresent(e -> assertThat(writes.encoder()).containsSame(e));
      if (writes.encoder().isEmpty()) {
        assertThat(writes.weights()).isSameAs(writes.decoder().weights());
      }
    }
  }

  @Test
  void stagesWithoutStateAreFoundByName() {
    ModelProgram matches = Checkpoint.open(Fixtures.directory("tiny-itm")).program();
    assertThat(matches.stages())
        .containsExactly(
            matches.vision(),
            matches.qformer(),
            matches.matching().text(),
            matches.matching().pairs());
    for (Stage stage : matches.stages()) {
      assertThat(matches.stage(stage.name())).isSameAs(stage);
    }
    ModelProgram writes = Checkpoint.open(Fixtures.directory("tiny-opt")).program();
    assertThat(writes.stages()).containsExactly(writes.vision(), writes.qformer());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writes.stage("pairs"))
        .withMessage("expected a stage of [vision, qformer, attention], found pairs");
  }

  /** What is compiled late uses no weight that another stage has not prepared. */
  @Test
  void occasionalStagesUseTheWeightsOfTheirLike() {
    int seen = 0;
    for (String name : List.of("tiny-opt", "tiny-itm", "tiny-instructblip-t5")) {
      ModelProgram program = Checkpoint.open(Fixtures.directory(name)).program();
      for (ModelProgram.Occasional part : program.occasional()) {
        assertThat(program.stages()).contains(part.like()).doesNotContain(part.stage());
        assertThat(program.stage(part.stage().name())).isSameAs(part.stage());
        assertThat(program.hasOccasional(part.stage().name())).isTrue();
        assertThat(part.like().weights().linear()).containsAll(part.stage().weights().linear());
        assertThat(part.like().weights().others()).containsAll(part.stage().weights().others());
        assertThat(part.like().weights().tables()).containsAll(part.stage().weights().tables());
        seen++;
      }
    }
    assertThat(seen).isEqualTo(1 + 2 + 1);
  }

  @Test
  void textsBesideImagesHaveTheirBounds() {
    assertThat(program("tiny-opt").textsBesideImages()).isNull();
    assertThat(program("tiny-itm").textsBesideImages()).isEqualTo(new TextBounds(238, 40));
    ModelProgram instructed = program("tiny-instructblip-t5");
    assertThat(instructed.textsBesideImages()).isEqualTo(instructed.instruction());
    assertThat(instructed.hasOccasional(ModelProgram.ATTENTION)).isFalse();
  }

  private static ModelProgram program(String name) {
    return Checkpoint.open(Fixtures.directory(name)).program();
  }
}
