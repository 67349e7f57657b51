package io.github.blip2j.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.SafetensorsWriter;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.files.Weights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Variants of tiny-opt: as older releases stored it, and spoiled ones. */
public final class Checkpoints {
  private static final String EMBEDDING = "language_model.model.decoder.embed_tokens.weight";

  private Checkpoints() {}

  /** As before Transformers 4.46: no image token, no processor file. */
  public static Path withoutImageToken(Path target) {
    Fixtures.copy("tiny-opt", target);
    edit(target.resolve("config.json"), c -> c.remove("image_token_index"));
    try {
      Files.delete(target.resolve("processor_config.json"));
      Files.delete(target.resolve("generation_config.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return target;
  }

  /** With {@code lm_head.weight} stored beside the embedding that it equals. */
  public static Path withStoredHead(Path target) {
    return rewrite(
        target,
        tensors -> {
          WeightTensor t = named(tensors, EMBEDDING);
          tensors.add(renamed(t, "language_model.lm_head.weight", t.shape()));
        },
        "");
  }

  /** With one tensor full of NaN. */
  static Path change(Path target, String spoiled) {
    return rewrite(target, tensors -> {}, spoiled);
  }

  /** With one weight of as many elements in another shape. */
  static Path resize(Path target, String layer) {
    return rewrite(
        target,
        tensors -> {
          WeightTensor t = named(tensors, layer + ".weight");
          tensors.set(
              tensors.indexOf(t),
              renamed(t, t.name(), List.of(t.shape().get(0) / 2, t.shape().get(1) * 2)));
        },
        "");
  }

  /** Changes a JSON file in place. */
  public static void edit(Path file, Consumer<ObjectNode> change) {
    ObjectMapper mapper = new ObjectMapper();
    try {
      ObjectNode node = (ObjectNode) mapper.readTree(Files.readAllBytes(file));
      change.accept(node);
      Files.write(file, mapper.writeValueAsBytes(node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A copy with one tensor full of NaN. */
  public static Path spoiled(String fixture, Path target, String name) {
    Fixtures.copy(fixture, target);
    Path file = target.resolve("model.safetensors");
    WeightTensor tensor = named(Weights.ofFile(file).all(), name);
    byte[] nan = new byte[(int) tensor.bytes()];
    java.util.Arrays.fill(nan, (byte) 0xff);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(nan), tensor.offset());
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A copy whose tensors have other names, or another type: as {@code save_model} or float64 models
   * store them.
   *
   * @param names the new name of each old one; "" leaves a tensor out
   */
  public static Path stored(
      String fixture,
      Path target,
      UnaryOperator<String> names,
      Map<String, String> metadata,
      boolean doubles) {
    Fixtures.copy(fixture, target);
    Path file = target.resolve("model.safetensors");
    List<WeightTensor> tensors =
        Weights.ofFile(Fixtures.directory(fixture).resolve("model.safetensors")).all().stream()
            .filter(t -> !names.apply(t.name()).isEmpty())
            .toList();
    List<SafetensorsWriter.Entry> entries =
        tensors.stream()
            .map(
                t ->
                    new SafetensorsWriter.Entry(
                        names.apply(t.name()), doubles ? DType.F64 : t.dtype(), t.shape()))
            .toList();
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries, metadata)) {
      for (WeightTensor t : tensors) {
        writer.write(doubles ? doubles(t) : t.map());
      }
      writer.commit();
    }
    return target;
  }

  private static ByteBuffer doubles(WeightTensor tensor) {
    float[] floats = tensor.floats();
    ByteBuffer bytes = ByteBuffer.allocate(8 * floats.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : floats) {
      bytes.putDouble(value);
    }
    return bytes.flip();
  }

  /** A checkpoint like another but for one bias, which is reversed: another identity. */
  public static Path another(String fixture, Path target, String bias) {
    Fixtures.copy(fixture, target);
    Path file = target.resolve("model.safetensors");
    WeightTensor tensor = named(Weights.ofFile(file).all(), bias);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
      channel.read(bytes, tensor.offset());
      byte[] array = bytes.array();
      for (int i = 0; i < array.length / 2; i++) {
        byte kept = array[i];
        array[i] = array[array.length - 1 - i];
        array[array.length - 1 - i] = kept;
      }
      channel.write(bytes.rewind(), tensor.offset());
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts another file with the same bytes in a file's place, as an update does. */
  public static void replace(Path file) {
    Path other = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.copy(file, other);
      Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static WeightTensor named(List<WeightTensor> tensors, String name) {
    return tensors.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }

  private static WeightTensor renamed(WeightTensor t, String name, List<Long> shape) {
    return new WeightTensor(name, t.dtype(), shape, t.file(), t.offset(), t.bytes());
  }

  private static Path rewrite(Path target, Consumer<List<WeightTensor>> change, String spoiled) {
    Fixtures.copy("tiny-opt", target);
    Path file = target.resolve("model.safetensors");
    Path source = Fixtures.directory("tiny-opt").resolve("model.safetensors");
    List<WeightTensor> tensors = new ArrayList<>(Weights.ofFile(source).all());
    change.accept(tensors);
    List<SafetensorsWriter.Entry> entries =
        tensors.stream()
            .map(t -> new SafetensorsWriter.Entry(t.name(), t.dtype(), t.shape()))
            .toList();
    try (SafetensorsWriter writer = new SafetensorsWriter(file, entries)) {
      for (WeightTensor t : tensors) {
        ByteBuffer bytes = t.map();
        if (t.name().equals(spoiled)) {
          bytes = ByteBuffer.allocate((int) t.bytes());
          java.util.Arrays.fill(bytes.array(), (byte) 0xff);
        }
        writer.write(bytes);
      }
      writer.commit();
    }
    return target;
  }
}
