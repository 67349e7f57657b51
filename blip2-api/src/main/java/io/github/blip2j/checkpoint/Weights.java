package io.github.blip2j.checkpoint;

import io.github.blip2j.CheckpointException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The tensors of a checkpoint, seen from a prefix of their names. Asking is the shape check. */
public final class Weights {
  private final Map<String, WeightTensor> tensors;
  private final String prefix;

  Weights(Map<String, WeightTensor> tensors, String prefix) {
    this.tensors = tensors;
    this.prefix = prefix;
  }

  /**
   * The same tensors, seen from a longer prefix.
   *
   * @param name what follows this view's prefix, without the dot at its end
   * @return a view in which names start after {@code name} and a dot
   */
  public Weights at(String name) {
    return new Weights(tensors, prefix + name + ".");
  }

  /**
   * Whether a tensor is stored.
   *
   * @param name name after this view's prefix
   * @return true if it is
   */
  public boolean has(String name) {
    return tensors.containsKey(prefix + name);
  }

  /**
   * A tensor that must be there with this shape.
   *
   * @param name name after this view's prefix
   * @param shape expected sizes, outermost first
   * @return where it is
   * @throws CheckpointException if it is missing, has another shape, or is no float32, float16 or
   *     bfloat16; the message names expected and found
   */
  public WeightTensor tensor(String name, long... shape) {
    WeightTensor tensor = tensors.get(prefix + name);
    List<Long> expected = Arrays.stream(shape).boxed().collect(Collectors.toList());
    if (tensor == null) {
      throw new CheckpointException(
          "%s%s: expected %s, found no such tensor".formatted(prefix, name, expected));
    }
    if (!tensor.shape().equals(expected)) {
      throw new CheckpointException(
          "%s%s: expected %s, found %s".formatted(prefix, name, expected, tensor.shape()));
    }
    if (!tensor.dtype().isWeight()) {
      throw new CheckpointException(
          "%s%s: expected F32, F16 or BF16, found %s".formatted(prefix, name, tensor.dtype()));
    }
    return tensor;
  }

  /**
   * Every stored tensor, whatever the prefix.
   *
   * @return tensors in the order of their files
   */
  public List<WeightTensor> all() {
    return List.copyOf(tensors.values());
  }
}
