package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.util.List;
import java.util.Map;

/** The tensors of a checkpoint, seen from a prefix of their names. Asking is the shape check. */
public interface Weights {
  /**
   * Tensors that are there.
   *
   * @param tensors by their whole names
   * @return all of them, without a prefix
   */
  static Weights of(Map<String, WeightTensor> tensors) {
    return new StoredWeights(tensors, "");
  }

  /**
   * The same tensors, seen from a longer prefix.
   *
   * @param name what follows this view's prefix, without the dot at its end
   * @return a view in which names start after {@code name} and a dot
   */
  Weights at(String name);

  /**
   * Whether a tensor is stored.
   *
   * @param name name after this view's prefix
   * @return true if it is
   */
  boolean has(String name);

  /**
   * A tensor that must be there with this shape.
   *
   * @param name name after this view's prefix
   * @param shape expected sizes, outermost first
   * @return where it is
   * @throws CheckpointException if it is missing, has another shape, or is no float32, float16,
   *     bfloat16 or float64; the message names expected and found
   */
  WeightTensor tensor(String name, long... shape);

  /**
   * Every stored tensor, whatever the prefix.
   *
   * @return tensors in the order of their files
   */
  List<WeightTensor> all();
}
