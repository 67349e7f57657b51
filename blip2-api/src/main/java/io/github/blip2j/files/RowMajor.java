package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Views of PyTorch's storages as tensors that lie row-major: where they are, if they do already,
 * else in a file that is derived once. Most files need none.
 */
final class RowMajor {
  private static final int PIECE = 1 << 20; // bytes

  private RowMajor() {}

  /** The tensors by name, in the order of the views. */
  static Map<String, WeightTensor> of(
      Path file, Map<String, TensorView> views, Supplier<Path> cache) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    Map<String, TensorView> others = new LinkedHashMap<>();
    views.forEach(
        (name, view) -> {
          tensors.put(name, view.tensor(name, file));
          if (!view.inPlace()) {
            others.put(name, view);
          }
        });
    if (!others.isEmpty()) {
      WeightFiles source = WeightFiles.of(List.of(file));
      Path derived = cache.get().resolve("row-major").resolve(key(file, others) + ".safetensors");
      DerivedFile.open(derived, source, () -> write(derived, file, others))
          .forEach(t -> tensors.put(t.name(), t));
    }
    return tensors;
  }

  private static long write(Path target, Path file, Map<String, TensorView> views) {
    List<SafetensorsWriter.Entry> entries =
        views.entrySet().stream()
            .map(
                e ->
                    new SafetensorsWriter.Entry(
                        e.getKey(), e.getValue().dtype(), e.getValue().shape()))
            .toList();
    Map<String, String> about = Map.of("stage", "row-major weights", "checkpoint", file.toString());
    try (SafetensorsWriter writer = new SafetensorsWriter(target, entries, about)) {
      views.forEach((name, view) -> write(writer, view, view.raw(name, file).map()));
      writer.commit();
      return writer.checksum();
    }
  }

  /** Writes a view's elements, the last axis fastest, from the bytes between its ends. */
  private static void write(SafetensorsWriter writer, TensorView view, ByteBuffer raw) {
    int size = view.dtype().bytes();
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    int axes = view.shape().size();
    long[] index = new long[axes];
    long at = 0;
    for (long left = view.elements(); left > 0; left--) {
      piece.put(piece.position(), raw, Math.toIntExact(at * size), size);
      piece.position(piece.position() + size);
      if (piece.remaining() < size) {
        writer.write(piece.flip());
        piece.clear();
      }
      for (int axis = axes - 1; axis >= 0; axis--) {
        at += view.strides().get(axis);
        if (++index[axis] < view.shape().get(axis)) {
          break;
        }
        at -= index[axis] * view.strides().get(axis);
        index[axis] = 0;
      }
    }
    writer.write(piece.flip());
  }

  /** Which file the views are of, how long and how old, and how they lie in it. */
  private static String key(Path file, Map<String, TensorView> views) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String of = file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
      digest.update(("row-major v1 " + of + views).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
