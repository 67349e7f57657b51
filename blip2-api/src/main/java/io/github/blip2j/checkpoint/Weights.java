package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The tensors of a checkpoint, seen from a prefix of their names. Asking is the shape check. */
public final class Weights {
  private final Map<String, WeightTensor> tensors;
  private final String prefix;
  private final @Nullable Consumer<WeightTensor> imagined;

  Weights(Map<String, WeightTensor> tensors) {
    this(tensors, "", null);
  }

  private Weights(
      Map<String, WeightTensor> tensors, String prefix, @Nullable Consumer<WeightTensor> imagined) {
    this.tensors = tensors;
    this.prefix = prefix;
    this.imagined = imagined;
  }

  /**
   * The weights of a checkpoint that does not exist: every tensor that is asked for has the
   * expected shape, and no optional one is stored. Building a model over it lists the tensors that
   * it needs.
   *
   * @param asked receives each tensor, float32, in a file that is not there
   * @return the view
   */
  public static Weights imagined(Consumer<WeightTensor> asked) {
    return new Weights(Map.of(), "", asked);
  }

  /**
   * The same tensors, seen from a longer prefix.
   *
   * @param name what follows this view's prefix, without the dot at its end
   * @return a view in which names start after {@code name} and a dot
   */
  public Weights at(String name) {
    return new Weights(tensors, prefix + name + ".", imagined);
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
   * @throws CheckpointException if it is missing, has another shape, or is no float32, float16,
   *     bfloat16 or float64; the message names expected and found
   */
  public WeightTensor tensor(String name, long... shape) {
    List<Long> expected = Arrays.stream(shape).boxed().collect(Collectors.toList());
    if (imagined != null) {
      WeightTensor dream =
          new WeightTensor(prefix + name, DType.F32, expected, Path.of("nowhere"), 0, 0);
      imagined.accept(dream);
      return dream;
    }
    WeightTensor tensor = tensors.get(prefix + name);
    if (tensor == null) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s%s: expected %s, found no such tensor", prefix, name, expected));
    }
    if (!tensor.shape().equals(expected)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s%s: expected %s, found %s", prefix, name, expected, tensor.shape()));
    }
    if (!tensor.dtype().isWeight()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s%s: expected F32, F16, BF16 or F64, found %s",
              prefix,
              name,
              tensor.dtype()));
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
