package io.github.blip2j.onnx;

import io.github.blip2j.CheckpointException;
import io.github.blip2j.LoadListener;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.SafetensorsWriter;
import io.github.blip2j.checkpoint.WeightTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Weights stored in 16 bits, made float32 once and kept in a file that the runtime can map.
 * Widening is exact. (ONNX Runtime would otherwise widen them into private memory at every load.)
 */
final class Float32Copy {
  private static final int VERSION = 1;
  private static final int PIECE = 1 << 20;

  private final Checkpoint checkpoint;
  private final Path target;

  Float32Copy(Checkpoint checkpoint, Path cacheDirectory) {
    this.checkpoint = checkpoint;
    this.target = cacheDirectory.resolve("float32").resolve(key(checkpoint) + ".safetensors");
  }

  /** All tensors as float32, from the checkpoint's files as far as they are, else from the copy. */
  List<WeightTensor> tensors(LoadListener listener) {
    List<WeightTensor> stored = checkpoint.weights().all();
    List<WeightTensor> narrow = stored.stream().filter(t -> isNarrow(t.dtype())).toList();
    if (narrow.isEmpty()) {
      return stored;
    }
    if (!Files.exists(target)) {
      write(narrow, listener);
    }
    List<WeightTensor> wide = new ArrayList<>(Checkpoint.tensorsOf(target));
    if (wide.size() != narrow.size()) {
      throw new CheckpointException(
          "%s: expected %d tensors, found %d; delete this file to make it anew"
              .formatted(target, narrow.size(), wide.size()));
    }
    stored.stream().filter(t -> !isNarrow(t.dtype())).forEach(wide::add);
    return wide;
  }

  private static boolean isNarrow(DType dtype) {
    return dtype == DType.F16 || dtype == DType.BF16;
  }

  private void write(List<WeightTensor> narrow, LoadListener listener) {
    List<SafetensorsWriter.Entry> entries =
        narrow.stream()
            .map(t -> new SafetensorsWriter.Entry(t.name(), DType.F32, t.shape()))
            .toList();
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * PIECE).order(ByteOrder.LITTLE_ENDIAN);
    try (SafetensorsWriter writer = new SafetensorsWriter(target, entries)) {
      int done = 0;
      for (WeightTensor tensor : narrow) {
        tensor.stream(
            PIECE,
            (floats, count) -> {
              bytes.clear().asFloatBuffer().put(floats, 0, count);
              writer.write(bytes.limit(4 * count));
            });
        listener.progress("float32 copy", ++done, narrow.size());
      }
      writer.commit();
    }
  }

  /** The checkpoint's identity: which files, how long, how old, and which recipe. */
  private static String key(Checkpoint checkpoint) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      StringBuilder identity = new StringBuilder("float32 v" + VERSION);
      for (Path file : checkpoint.weightFiles()) {
        identity.append('\n').append(file).append(' ').append(Files.size(file));
        identity.append(' ').append(Files.getLastModifiedTime(file).toMillis());
      }
      byte[] hash = digest.digest(identity.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (IOException e) {
      throw new CheckpointException(checkpoint.directory() + ": " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
