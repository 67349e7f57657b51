package io.github.blip2j.bench;

import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights of a checkpoint that does not exist: every tensor that is asked for has the expected
 * shape, and no optional one is stored. Building a program over it lists the tensors that it needs.
 */
final class ImaginedWeights implements Weights {
  private final Map<String, WeightTensor> asked;
  private final String prefix;

  ImaginedWeights() {
    this(new LinkedHashMap<>(), "");
  }

  private ImaginedWeights(Map<String, WeightTensor> asked, String prefix) {
    this.asked = asked;
    this.prefix = prefix;
  }

  @Override
  public Weights at(String name) {
    return new ImaginedWeights(asked, prefix + name + ".");
  }

  @Override
  public boolean has(String name) {
    return false;
  }

  @Override
  public WeightTensor tensor(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    return asked.computeIfAbsent(
        prefix + name,
        whole -> new WeightTensor(whole, DType.F32, sizes, Path.of("nowhere"), 0, 0));
  }

  @Override
  public List<WeightTensor> all() {
    return List.copyOf(asked.values());
  }
}
