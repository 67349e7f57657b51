package io.github.blip2j.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Header of one safetensors file, checked: 8 bytes of length, a JSON object of dtype, shape and
 * offsets, then the data (https://github.com/huggingface/safetensors, "Format").
 */
final class Safetensors {
  private static final long MAX_HEADER = 100_000_000;

  private Safetensors() {}

  /**
   * Reads and checks a header.
   *
   * @param file with tensors
   * @return tensors by name, in the order of the header
   * @throws CheckpointException if the file is missing or cut, or any tensor is outside the data,
   *     overlaps another, or has a size that its shape does not explain
   */
  static Map<String, WeightTensor> read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": expected a safetensors file, found none");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      long length = headerLength(channel, file, size);
      JsonNode header = header(channel, file, (int) length);
      List<WeightTensor> tensors = new ArrayList<>();
      for (Map.Entry<String, JsonNode> entry : header.properties()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.add(tensor(file, entry.getKey(), entry.getValue(), 8 + length, size));
        }
      }
      checkCover(file, tensors, 8 + length, size);
      Map<String, WeightTensor> byName = new LinkedHashMap<>();
      tensors.forEach(t -> byName.put(t.name(), t));
      return byName;
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  /**
   * Reads the header's {@code __metadata__}.
   *
   * @param file with tensors
   * @return its texts; none if it has none
   * @throws CheckpointException if the file has no safetensors header
   */
  static Map<String, String> metadata(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CheckpointException(file + ": expected a safetensors file, found none");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = headerLength(channel, file, channel.size());
      Map<String, String> texts = new LinkedHashMap<>();
      JsonNode metadata = header(channel, file, (int) length).path("__metadata__");
      metadata.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
      return texts;
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  private static long headerLength(FileChannel channel, Path file, long size) throws IOException {
    if (size < 8) {
      throw new CheckpointException(
          file + ": expected at least 8 bytes of safetensors header, found " + size);
    }
    long length = bytes(channel, 0, 8).getLong();
    if (length < 2 || length > Math.min(MAX_HEADER, size - 8)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected a header of 2 to %d bytes, found a length of %s",
              file,
              Math.min(MAX_HEADER, size - 8),
              Long.toUnsignedString(length)));
    }
    return length;
  }

  private static JsonNode header(FileChannel channel, Path file, int length) throws IOException {
    String text = StandardCharsets.UTF_8.decode(bytes(channel, 8, length)).toString();
    try {
      JsonNode header = JsonTrees.STRICT.read(text);
      if (!header.isObject()) {
        throw new CheckpointException(file + ": expected a JSON object as header, found " + header);
      }
      return header;
    } catch (JsonProcessingException e) {
      throw new CheckpointException(
          file + ": expected a JSON object as header, found: " + e.getOriginalMessage(), e);
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ended at byte " + (at + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static WeightTensor tensor(
      Path file, String name, JsonNode entry, long dataStart, long fileSize) {
    String where = file + ": " + name;
    Json json = new Json(where, entry);
    DType dtype = DType.parse(json.text("dtype"), where);
    List<Long> shape = json.longs("shape");
    List<Long> offsets = json.longs("data_offsets");
    if (offsets.size() != 2
        || offsets.get(0) < 0
        || offsets.get(1) < offsets.get(0)
        || offsets.get(1) > fileSize - dataStart) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected offsets within the %d bytes of data, found %s",
              where,
              fileSize - dataStart,
              offsets));
    }
    long bytes = offsets.get(1) - offsets.get(0);
    if (bytes != size(where, shape, dtype)) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected %d bytes for %s %s, found %d",
              where,
              size(where, shape, dtype),
              dtype,
              shape,
              bytes));
    }
    return new WeightTensor(name, dtype, shape, file, dataStart + offsets.get(0), bytes);
  }

  private static long size(String where, List<Long> shape, DType dtype) {
    try {
      long size = dtype.bytes();
      for (long axis : shape) {
        if (axis < 0) {
          throw new CheckpointException(where + ": expected sizes of 0 or more, found " + shape);
        }
        size = Math.multiplyExact(size, axis);
      }
      return size;
    } catch (ArithmeticException e) {
      throw new CheckpointException(where + ": expected a size in 63 bits, found " + shape, e);
    }
  }

  /** The data must be covered once and wholly, which is what the format's own readers demand. */
  private static void checkCover(Path file, List<WeightTensor> tensors, long start, long size) {
    List<WeightTensor> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparingLong(WeightTensor::offset).thenComparingLong(WeightTensor::bytes));
    long end = start;
    for (WeightTensor t : ordered) {
      if (t.offset() != end) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: %s: expected its data at byte %d, found %d (%s)",
                file,
                t.name(),
                end,
                t.offset(),
                t.offset() < end ? "overlap" : "hole"));
      }
      end = t.offset() + t.bytes();
    }
    if (end != size) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT, "%s: expected %d bytes by its header, found %d", file, end, size));
    }
  }
}
