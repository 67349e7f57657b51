package io.github.blip2j.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A stage as backends and plans look at it. */
class StageTest {
  private static final WeightTensor WEIGHT = weight("layer.weight", 3, 2);
  private static final WeightTensor BIAS = weight("layer.bias", 3);

  private final AtomicInteger runs = new AtomicInteger();
  private final Stage stage =
      Stage.of(
          "layer",
          List.of(Stage.Input.floats("x", Axis.BATCH, Axis.of(2))),
          List.of(Stage.Output.of("y", Axis.BATCH, Axis.of(3))),
          new Layer());

  /** One linear layer, which counts how often it is looked at. */
  private final class Layer implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      runs.incrementAndGet();
      return List.of(ops.linear(inputs.get("x"), WEIGHT, BIAS));
    }
  }

  private static WeightTensor weight(String name, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long axis : shape) {
      sizes.add(axis);
    }
    return new WeightTensor(name, DType.F32, sizes, Path.of("nowhere"), 0, 0);
  }

  @Test
  void itsWeightsAreLookedForOnce() {
    assertThat(runs).hasValue(0); // no sooner than they are asked for
    WeightUses uses = stage.weights();
    assertThat(uses.linear()).containsExactly(WEIGHT);
    assertThat(uses.others()).containsExactly(BIAS);
    assertThat(stage.weights()).isSameAs(uses);
    assertThat(WeightUses.of(List.of(stage))).isSameAs(uses);
    assertThat(runs).hasValue(1);
  }

  @Test
  void threadsThatAskAtOnceGetOneAnswer() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<WeightUses>> all = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        all.add(threads.submit(stage::weights));
      }
      for (Future<WeightUses> one : all) {
        assertThat(one.get()).isSameAs(stage.weights());
      }
      assertThat(runs).hasValue(1);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A weight of both counts once among the uses of both. */
  @Test
  void severalStagesAreLookedAtTogether() {
    Stage twin = Stage.of("twin", stage.inputs(), stage.outputs(), new Layer());
    WeightUses both = WeightUses.of(List.of(stage, twin));
    assertThat(both.linear()).containsExactly(WEIGHT);
    assertThat(both.others()).containsExactly(BIAS);
  }

  @Test
  void withoutStateItHasNeitherCacheNorMemory() {
    assertThat(stage.cache().exists()).isFalse();
    assertThat(stage.memory()).isEqualTo(CacheLayout.NONE);
    assertThat(stage).hasToString("stage layer");
  }

  @Test
  void itsListsAreCopies() {
    List<Stage.Input> inputs = new ArrayList<>(stage.inputs());
    List<Stage.Output> outputs = new ArrayList<>(stage.outputs());
    Stage copy =
        new Stage("copy", inputs, outputs, CacheLayout.NONE, CacheLayout.NONE, new Layer());
    inputs.clear();
    outputs.clear();
    assertThat(copy.inputs()).isEqualTo(stage.inputs());
    assertThat(copy.outputs()).isEqualTo(stage.outputs());
  }

  @Test
  void anInputThatIsNotGivenIsNamed() {
    Stage.Inputs<String> given = new Stage.Inputs<>(Map.of("x", "value"));
    assertThat(given.get("x")).isEqualTo("value");
    assertThatThrownBy(() -> given.get("z"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("expected an input of [x], found z");
  }
}
