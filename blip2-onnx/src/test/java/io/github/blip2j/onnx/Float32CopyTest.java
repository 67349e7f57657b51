package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.CheckpointException;
import io.github.blip2j.LoadListener;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Float32CopyTest {
  @TempDir Path cache;

  private List<Path> cached() throws IOException {
    try (var files = Files.walk(cache)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiny-opt-fp16-sharded", "tiny-opt-bf16"})
  void holdsEveryWeightExactlyAndIsMadeOnce(String name) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory(name));
    List<Long> told = new ArrayList<>();
    List<WeightTensor> wide =
        new Float32Copy(checkpoint, cache).tensors((stage, done, total) -> told.add(total - done));
    Map<String, WeightTensor> byName =
        wide.stream().collect(Collectors.toMap(WeightTensor::name, t -> t));
    assertThat(byName).hasSameSizeAs(checkpoint.weights().all());
    for (WeightTensor stored : checkpoint.weights().all()) {
      WeightTensor copy = Objects.requireNonNull(byName.get(stored.name()));
      assertThat(copy.dtype()).isEqualTo(DType.F32);
      assertThat(copy.floats()).as(stored.name()).isEqualTo(stored.floats());
    }
    assertThat(told).hasSize(wide.size()).endsWith(0L);
    FileTime made = Files.getLastModifiedTime(cached().get(0));
    assertThat(new Float32Copy(checkpoint, cache).tensors(LoadListener.NONE)).isEqualTo(wide);
    assertThat(cached()).hasSize(1);
    assertThat(Files.getLastModifiedTime(cached().get(0))).isEqualTo(made);
  }

  @Test
  void float32StaysWhereItIs() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    assertThat(new Float32Copy(checkpoint, cache).tensors(LoadListener.NONE))
        .isEqualTo(checkpoint.weights().all());
    assertThat(cached()).isEmpty();
  }

  @Test
  void anInterruptedCopyLeavesNothing() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    LoadListener stop =
        (stage, done, total) -> {
          throw new IllegalStateException("stop");
        };
    assertThatThrownBy(() -> new Float32Copy(checkpoint, cache).tensors(stop)).hasMessage("stop");
    assertThat(cached()).isEmpty();
  }

  @Test
  void aChangedCheckpointIsCopiedAnew(@TempDir Path folder) throws IOException {
    Path own = Fixtures.copy("tiny-opt-bf16", folder.resolve("own"));
    new Float32Copy(Checkpoint.open(own), cache).tensors(LoadListener.NONE);
    Files.setLastModifiedTime(own.resolve("model.safetensors"), FileTime.fromMillis(12345));
    new Float32Copy(Checkpoint.open(own), cache).tensors(LoadListener.NONE);
    assertThat(cached()).hasSize(2);
  }

  @Test
  void aDamagedCopyIsNamed() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt-bf16"));
    new Float32Copy(checkpoint, cache).tensors(LoadListener.NONE);
    Path file = cached().get(0);
    Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 100_000));
    assertThatThrownBy(() -> new Float32Copy(checkpoint, cache).tensors(LoadListener.NONE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(file.toString());
  }
}
