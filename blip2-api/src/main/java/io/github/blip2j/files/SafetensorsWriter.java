package io.github.blip2j.files;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Writes one safetensors file as a stream: the header first, then the data in the header's order.
 * The file appears under its name only when it is whole; whatever ends the writing earlier leaves
 * nothing. Owned by one thread.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private static final int ALIGNMENT = 64;

  private final Path target;
  private final Path partial;
  private final FileChannel channel;
  private final long end;
  private final CRC32C sum = new CRC32C();
  private ByteBuffer elements = ByteBuffer.allocate(0);
  private boolean committed;

  /**
   * One tensor to come.
   *
   * @param name its name
   * @param dtype its element type
   * @param shape its sizes, outermost first
   */
  public record Entry(String name, DType dtype, List<Long> shape) {
    /** Copies the shape. */
    public Entry {
      shape = List.copyOf(shape);
    }

    long bytes() {
      return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Creates the file and writes its header.
   *
   * @param target the file to make; its folder is created
   * @param entries every tensor, in the order in which its data will be written
   * @throws CheckpointException if it cannot be written
   */
  public SafetensorsWriter(Path target, List<Entry> entries) {
    this(target, entries, Map.of("format", "pt"));
  }

  /**
   * Creates the file and writes its header.
   *
   * @param target the file to make; its folder is created
   * @param entries every tensor, in the order in which its data will be written
   * @param metadata the header's {@code __metadata__}
   * @throws CheckpointException if it cannot be written
   */
  public SafetensorsWriter(Path target, List<Entry> entries, Map<String, String> metadata) {
    this.target = target;
    byte[] header = header(entries, metadata);
    end = 8 + header.length + entries.stream().mapToLong(Entry::bytes).sum();
    Path folder = Objects.requireNonNull(target.toAbsolutePath().getParent(), "a folder");
    String unique = ProcessHandle.current().pid() + "-" + System.nanoTime();
    partial = folder.resolve(target.getFileName() + "." + unique + ".partial");
    try {
      Files.createDirectories(folder);
      // not a temporary file, whose rights would be the owner's only
      channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
    }
    try {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      write(length.putLong(header.length).flip());
      write(ByteBuffer.wrap(header));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static byte[] header(List<Entry> entries, Map<String, String> metadata) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode more = root.putObject("__metadata__");
    new TreeMap<>(metadata).forEach(more::put);
    long at = 0;
    for (Entry entry : entries) {
      ObjectNode node = root.putObject(entry.name());
      node.put("dtype", entry.dtype().name());
      entry.shape().forEach(node.withArray("shape")::add);
      node.putArray("data_offsets").add(at).add(at + entry.bytes());
      at += entry.bytes();
    }
    String json = root.toString();
    int unpadded = json.getBytes(StandardCharsets.UTF_8).length + 8;
    int padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes the next bytes of data.
   *
   * @param bytes little-endian elements, all that remain in the buffer
   * @throws CheckpointException if it cannot be written
   */
  public void write(ByteBuffer bytes) {
    try {
      sum.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the next elements of data.
   *
   * @param values has them from index 0
   * @param count how many
   * @param dtype F32, or F16 or BF16, to which each is rounded to the nearest
   * @throws CheckpointException if they cannot be written
   */
  public void write(float[] values, int count, DType dtype) {
    int size = Math.multiplyExact(count, dtype.bytes());
    if (elements.capacity() < size) {
      elements = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    }
    elements.clear();
    if (dtype == DType.F32) {
      elements.asFloatBuffer().put(values, 0, count);
      elements.position(size);
    } else {
      Half.encode(dtype, values, count, elements);
    }
    write(elements.flip());
  }

  /**
   * Checksum of all that was written, the header too.
   *
   * @return CRC-32C
   */
  public long checksum() {
    return sum.getValue();
  }

  /**
   * Gives the file its name.
   *
   * @throws CheckpointException if data is missing or the file cannot be renamed
   */
  public void commit() {
    try {
      if (channel.position() != end) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT, "%s: expected %d bytes, found %d", target, end, channel.position()));
      }
      channel.force(false);
      channel.close();
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
    } catch (IOException e) {
      throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** Removes the partial file unless it was committed. */
  @Override
  public void close() {
    try {
      channel.close();
      if (!committed) {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      throw new CheckpointException(partial + ": cannot be removed: " + e.getMessage(), e);
    }
  }
}
