package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/**
 * One stored tensor: what it is called and where its bytes are. Elements are row-major and
 * little-endian.
 *
 * @param name full name in the checkpoint, such as {@code qformer.layernorm.weight}
 * @param dtype element type as stored
 * @param shape sizes of the axes, outermost first; empty for a scalar
 * @param file the file that holds it
 * @param offset position of the first byte in the file
 * @param bytes length in bytes, elements × {@link DType#bytes()}; of {@link DType#PREPARED} what
 *     its values take there
 */
public record WeightTensor(
    String name, DType dtype, List<Long> shape, Path file, long offset, long bytes) {
  private static final int SMALL = 1 << 16; // bytes
  private static final int BEGINNING = 4096;

  /** Checks nothing but copies the shape. */
  public WeightTensor {
    shape = List.copyOf(shape);
  }

  /**
   * Number of elements.
   *
   * @return product of the shape, 1 for a scalar
   */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /**
   * Size of one axis.
   *
   * @param axis index from 0, outermost first
   * @return its size
   */
  public int size(int axis) {
    return Math.toIntExact(shape.get(axis));
  }

  /**
   * The same tensor under another name.
   *
   * @param other full name
   * @return a tensor with the same bytes
   */
  public WeightTensor renamed(String other) {
    return new WeightTensor(other, dtype, shape, file, offset, bytes);
  }

  /**
   * Maps the stored bytes read-only, as they are.
   *
   * @return a little-endian buffer of {@link #bytes()} bytes, unmapped when it is garbage collected
   * @throws CheckpointException if the file cannot be read or the tensor is larger than 2 GiB
   */
  public ByteBuffer map() {
    if (bytes > Integer.MAX_VALUE) {
      throw new CheckpointException(name + ": expected at most 2 GiB to map, found " + bytes);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel
          .map(FileChannel.MapMode.READ_ONLY, offset, bytes)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  /** Its first bytes, as a tensor of one axis. */
  WeightTensor start(int count) {
    return new WeightTensor(name, DType.U8, List.of((long) count), file, offset, count);
  }

  /**
   * Reads the stored bytes as they are.
   *
   * @return a new little-endian buffer of {@link #bytes()} bytes
   * @throws CheckpointException if the file cannot be read or ends early
   */
  ByteBuffer read() {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    read(buffer);
    return buffer.flip();
  }

  /**
   * Reads the stored bytes as they are into a buffer.
   *
   * @param buffer has {@link #bytes()} bytes remaining, which are filled
   * @throws CheckpointException if the file cannot be read or ends early
   */
  public void read(ByteBuffer buffer) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      read(channel, buffer);
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  /**
   * Reads the stored bytes as they are, in order and in pieces.
   *
   * @param most bytes of a piece
   * @param sink receives each; the buffer is used again
   * @throws CheckpointException if the file cannot be read or ends early
   */
  public void pieces(int most, Consumer<ByteBuffer> sink) {
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(most, bytes));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long at = 0; at < bytes; at += buffer.limit()) {
        int count = (int) Math.min(most, bytes - at);
        WeightTensor part =
            new WeightTensor(name, DType.U8, List.of((long) count), file, offset + at, count);
        part.read(channel, buffer.clear().limit(count));
        sink.accept(buffer.flip());
      }
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  /** Reads the stored bytes through an open file. */
  void read(FileChannel channel, ByteBuffer buffer) throws IOException {
    int start = buffer.position();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position() - start) < 0) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: expected %d bytes of %s, found %d",
                file,
                bytes,
                name,
                buffer.position() - start));
      }
    }
  }

  /**
   * Reads the tensor as float32.
   *
   * @return a new array of {@link #elements()} floats, exact for every stored type but float64,
   *     which is narrowed
   * @throws CheckpointException if the file cannot be read or the type is no weight
   */
  public float[] floats() {
    requireNumbers();
    float[] target = new float[Math.toIntExact(elements())];
    Half.decode(dtype, map(), target, target.length);
    return target;
  }

  /**
   * Reads some elements as float32.
   *
   * @param from index of the first, in the order of the file
   * @param count how many
   * @return a new array
   * @throws CheckpointException if the file cannot be read or ends early
   */
  public float[] floats(long from, int count) {
    requireNumbers();
    WeightTensor part =
        new WeightTensor(
            name,
            dtype,
            List.of((long) count),
            file,
            offset + from * dtype.bytes(),
            (long) count * dtype.bytes());
    float[] target = new float[count];
    Half.decode(dtype, part.read(), target, count);
    return target;
  }

  /**
   * Reads the tensor as float32, in order and in pieces.
   *
   * @param piece most floats at a time
   * @param sink receives an array and how many of its floats are filled; the array is used again
   * @throws CheckpointException if the file cannot be read or ends early
   */
  public void stream(int piece, ObjIntConsumer<float[]> sink) {
    requireNumbers();
    float[] floats = new float[(int) Math.min(piece, elements())];
    ByteBuffer buffer =
        ByteBuffer.allocateDirect(floats.length * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (long done = 0; done < bytes; done += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), bytes - done));
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, offset + done + buffer.position()) < 0) {
            throw new CheckpointException(
                String.format(
                    Locale.ROOT, "%s: expected %d bytes of %s, found %d", file, bytes, name, done));
          }
        }
        int count = buffer.flip().limit() / dtype.bytes();
        Half.decode(dtype, buffer, floats, count);
        sink.accept(floats, count);
      }
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
  }

  private void requireNumbers() {
    if (dtype == DType.PREPARED) {
      throw new CheckpointException(
          file
              + ": "
              + name
              + ": expected numbers, found a weight that a backend has prepared; load the bundle"
              + " with its own backend and precisions, or use the checkpoint that it was made of");
    }
  }

  /**
   * Adds to a digest what tells this tensor from others: its name, type and shape, and its
   * contents, of a large one only the beginning.
   *
   * @param digest is updated
   * @throws CheckpointException if the file cannot be read or ends early
   */
  public void digest(MessageDigest digest) {
    digest(List.of(this), digest);
  }

  /**
   * The same of many tensors, one after another; each of their files is opened once.
   *
   * @param tensors in the order in which they are added
   * @param digest is updated
   * @throws CheckpointException if a file cannot be read or ends early
   */
  public static void digest(List<WeightTensor> tensors, MessageDigest digest) {
    try (OpenFiles files = new OpenFiles()) {
      ByteBuffer buffer = ByteBuffer.allocate(SMALL);
      for (WeightTensor tensor : tensors) {
        int count = (int) (tensor.bytes <= SMALL ? tensor.bytes : BEGINNING);
        files.read(tensor.start(count), buffer.clear().limit(count));
        digest.update((tensor.name + tensor.dtype + tensor.shape).getBytes(StandardCharsets.UTF_8));
        digest.update(buffer.flip());
      }
    }
  }
}
