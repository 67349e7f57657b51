package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

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
   * The tensors that a checkpoint's directory stores, in one file or in shards with an index: those
   * of safetensors files, or where there are none those of PyTorch's own {@code .bin} files, which
   * are read as data: nothing in them is run. Headers only.
   *
   * @param directory with {@code model.safetensors} or {@code pytorch_model.bin}, or the {@code
   *     .index.json} of either
   * @param cache gives the folder for tensors of a {@code .bin} file that are not row-major, which
   *     are rewritten there; asked only where there are any
   * @return all of them, without a prefix
   * @throws CheckpointException if there are none, or a file is damaged or says anything else; the
   *     message has what was expected and found
   */
  static Weights ofModel(Path directory, Supplier<Path> cache) {
    return of(
        WeightReader.read(directory, List.of("model.safetensors", "pytorch_model.bin"), cache));
  }

  /**
   * The tensors of a PEFT adapter's directory, read like a checkpoint's.
   *
   * @param directory with {@code adapter_model.safetensors} or {@code adapter_model.bin}
   * @param cache as for {@link #ofModel}
   * @return all of them, without a prefix
   * @throws CheckpointException as for {@link #ofModel}
   */
  static Weights ofAdapter(Path directory, Supplier<Path> cache) {
    return of(
        WeightReader.read(
            directory, List.of("adapter_model.safetensors", "adapter_model.bin"), cache));
  }

  /**
   * The tensors of one safetensors file that belongs to no checkpoint. Header only.
   *
   * @param file the file, or a link to it
   * @return all of them in the header's order, without a prefix
   * @throws CheckpointException if it is no whole safetensors file
   */
  static Weights ofFile(Path file) {
    return of(Safetensors.read(WeightReader.real(file)));
  }

  /**
   * What else the header of one safetensors file says.
   *
   * @param file the file
   * @return texts of its {@code __metadata__} by name
   * @throws CheckpointException if it has no safetensors header
   */
  static Map<String, String> metadata(Path file) {
    return Safetensors.metadata(file);
  }

  /**
   * The tensors of one file as PyTorch writes it, such as {@code .pth} files of LAVIS, read as
   * data: nothing in it is run. Headers only.
   *
   * @param file that {@code torch.save} wrote: a dict of tensors, or one that has it under {@code
   *     model} or {@code state_dict}
   * @param cache as for {@link #ofModel}
   * @return all of them, without a prefix
   * @throws CheckpointException as for {@link #ofModel}
   */
  static Weights ofTorch(Path file, Supplier<Path> cache) {
    return of(TorchFile.read(file, cache));
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
