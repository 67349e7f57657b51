package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program needs is what it asks for. */
class AskedWeightsTest {
  @Test
  void whatIsAskedForIsThereOnceUnderItsWholeName() {
    AskedWeights asked = new AskedWeights();
    Weights layer = asked.at("block").at("layer");
    WeightTensor weight = layer.tensor("weight", 3, 2);
    assertThat(weight.name()).isEqualTo("block.layer.weight");
    assertThat(weight.shape()).containsExactly(3L, 2L);
    assertThat(weight.dtype()).isEqualTo(DType.F32);
    WeightTensor bias = asked.tensor("block.layer.bias", 3);
    assertThat(asked.tensor("block.layer.weight", 3, 2)).isSameAs(weight);
    assertThat(layer.all()).containsExactly(weight, bias);
  }

  @Test
  void nothingOptionalIsStored() {
    AskedWeights asked = new AskedWeights();
    asked.tensor("weight", 2);
    assertThat(asked.has("weight")).isFalse();
  }

  /** A checkpoint's own program asks for no other names and shapes than are stored. */
  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt", "tiny-t5", "tiny-itm"})
  void aProgramsTensorsAreThoseOfItsCheckpoint(String name) {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    AskedWeights asked = new AskedWeights();
    checkpoint.config().program(asked);
    Map<String, List<Long>> stored =
        checkpoint.weights().all().stream()
            .collect(Collectors.toMap(WeightTensor::name, WeightTensor::shape));
    assertThat(asked.all()).hasSizeGreaterThan(50);
    asked.all().forEach(t -> assertThat(stored).as(t.name()).containsEntry(t.name(), t.shape()));
  }
}
