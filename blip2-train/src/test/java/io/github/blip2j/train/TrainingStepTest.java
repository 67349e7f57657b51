package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingModel;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a step asks of a model, and what it leaves where it fails. */
class TrainingStepTest {
  private static final TrainingBatch BATCH =
      new TrainingBatch(new float[0], new int[1][0], new int[][] {{2}});

  private final List<String> calls = new ArrayList<>();

  /** Two passes of a model that does what is said; notes what it is asked. */
  private TrainingListener.Step step(InvocationHandler handler) {
    TrainingModel model =
        (TrainingModel)
            Proxy.newProxyInstance(
                TrainingStepTest.class.getClassLoader(),
                new Class<?>[] {TrainingModel.class},
                (proxy, method, arguments) -> {
                  calls.add(method.getName());
                  return handler.invoke(proxy, method, arguments);
                });
    calls.clear();
    return new TrainingStep(model, TinyTraining.options(5)).of(List.of(BATCH, BATCH));
  }

  private static Object answered(String method, double loss) {
    return switch (method) {
      case "accumulate", "gradientNorm" -> loss;
      case "steps" -> 1;
      default -> 0;
    };
  }

  @Test
  void aStepThatIsMadeDiscardsNothing() {
    assertThat(step((proxy, method, arguments) -> answered(method.getName(), 2)).loss())
        .isEqualTo(2);
    assertThat(calls).contains("step").doesNotContain("discard");
  }

  @Test
  void aStepWhoseSecondPassFailsLeavesNoGradients() {
    assertThatThrownBy(
            () ->
                step(
                    (proxy, method, arguments) -> {
                      if (calls.equals(List.of("accumulate", "accumulate"))) {
                        throw new InferenceException("no memory");
                      }
                      return answered(method.getName(), 2);
                    }))
        .isInstanceOf(InferenceException.class)
        .hasMessage("no memory");
    assertThat(calls).containsExactly("accumulate", "accumulate", "discard");
  }

  @Test
  void aLossThatIsNoNumberLeavesNoGradients() {
    assertThatThrownBy(
            () -> step((proxy, method, arguments) -> answered(method.getName(), Double.NaN)))
        .isInstanceOf(InferenceException.class)
        .hasMessageContaining("choose a lower learning rate");
    assertThat(calls).endsWith("discard").doesNotContain("step");
  }
}
