package io.github.blip2j.testkit;

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
 * shape, and no optional one is stored. Building a program over it lists the tensors that the
 * program needs, so that a test can make a checkpoint for a family of its own. For one thread.
 */
public final class AskedWeights implements Weights {
  private final Map<String, WeightTensor> asked;
  private final String prefix;

  /** Weights that nobody has asked for yet. */
  public AskedWeights() {
    this(new LinkedHashMap<>(), "");
  }

  private AskedWeights(Map<String, WeightTensor> asked, String prefix) {
    this.asked = asked;
    this.prefix = prefix;
  }

  @Override
  public Weights at(String name) {
    return new AskedWeights(asked, prefix + name + ".");
  }

  /**
   * Whether an optional tensor is stored.
   *
   * @return false
   */
  @Override
  public boolean has(String name) {
    return false;
  }

  /**
   * Notes a tensor.
   *
   * @return float32, in no file; what was noted under its name before, if anything was
   */
  @Override
  public WeightTensor tensor(String name, long... shape) {
    List<Long> sizes = Arrays.stream(shape).boxed().toList();
    return asked.computeIfAbsent(
        prefix + name,
        whole -> new WeightTensor(whole, DType.F32, sizes, Path.of("nowhere"), 0, 0));
  }

  /**
   * What was asked for.
   *
   * @return tensors in that order, each once
   */
  @Override
  public List<WeightTensor> all() {
    return List.copyOf(asked.values());
  }
}
