package io.github.blip2j.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StageValuesTest {
  private static final int QUERIES = 6;

  @Test
  void anAxisIsFixedOrHasALetter() {
    assertThat(Axis.BATCH.isFixed()).isFalse();
    assertThat(Axis.any("T")).isEqualTo(new Axis("T", Axis.ANY));
    assertThat(Axis.of(QUERIES).isFixed()).isTrue();
    assertThat(Axis.of(QUERIES).name()).isEqualTo("6");
    assertThat(Axis.of(0).isFixed()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Axis.of(-2))
        .withMessage("axis -2: size (-2) must be >= 0");
  }

  @Test
  void aTensorHasAsManyNumbersAsItsShapeSays() {
    assertThat(new HostTensor.Floats(new float[6], 2, 3).shape()).containsExactly(2, 3);
    assertThat(new HostTensor.Integers(new long[0], 2, 0).values()).isEmpty();
    assertThat(new HostTensor.Floats(new float[1]).shape()).isEmpty(); // a scalar
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HostTensor.Floats(new float[5], 2, 3))
        .withMessage("expected as many numbers as the shape [2, 3] says, found 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new HostTensor.Integers(new long[1], 2, 3))
        .withMessageContaining("found 1");
  }

  @Test
  void aCacheIsKeysAndValuesOfEveryLayer() {
    CacheLayout layout = new CacheLayout(3, 5, 8);
    assertThat(layout.exists()).isTrue();
    assertThat(layout.bytes(10)).isEqualTo(2 * 4 * 3 * 5 * 8 * 10);
    assertThat(new CacheLayout(32, 32, 80).bytes(2048)).isEqualTo(1_342_177_280L);
    assertThat(CacheLayout.NONE.exists()).isFalse();
    assertThat(CacheLayout.NONE.bytes(10)).isZero();
  }

  @Test
  void aStageKeepsWhatItWasGiven() {
    List<Stage.Input> inputs = new ArrayList<>();
    inputs.add(Stage.Input.floats("x", Axis.BATCH, Axis.of(4)));
    inputs.add(Stage.Input.integers("ids", Axis.BATCH, Axis.any("T")));
    Stage.Body body =
        new Stage.Body() {
          @Override
          public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> values) {
            return List.of(values.get("x"));
          }
        };
    Stage stage =
        Stage.of("half", inputs, List.of(Stage.Output.of("y", Axis.BATCH, Axis.of(4))), body);
    inputs.clear();
    assertThat(stage.inputs()).extracting(Stage.Input::name).containsExactly("x", "ids");
    assertThat(stage.inputs())
        .extracting(Stage.Input::type)
        .containsExactly(Stage.Type.FLOAT32, Stage.Type.INT64);
    assertThat(stage.cache()).isEqualTo(CacheLayout.NONE);
    assertThat(stage.memory()).isEqualTo(CacheLayout.NONE);
    WeightUses uses = stage.weights();
    assertThat(uses.linear()).isEmpty();
    assertThat(uses.others()).isEmpty();
    assertThat(uses.cachedBias()).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Stage.Inputs<>(Map.of("x", 1)).get("y"))
        .withMessage("expected an input of [x], found y");
  }
}
