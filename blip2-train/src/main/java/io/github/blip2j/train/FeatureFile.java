package io.github.blip2j.train;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What images were encoded to, in a temporary file, as many float32 of each: more of them than the
 * heap holds are computed once and kept. Owned by one thread, and gone when it is closed.
 */
final class FeatureFile implements AutoCloseable {
  private final Path file;
  private final RandomAccessFile bytes; // no channel: an interrupt would close it
  private int numbers = -1; // of one image
  private int count;

  FeatureFile() {
    try {
      file = Files.createTempFile("blip2-train-", ".features");
      bytes = new RandomAccessFile(file.toFile(), "rw");
    } catch (IOException e) {
      throw new CheckpointException("encoded images cannot be kept: " + e, e);
    }
  }

  /** Adds an image. */
  void add(float[] values) {
    if (numbers >= 0 && numbers != values.length) {
      throw new IllegalArgumentException(
          "expected " + numbers + " numbers of an image, found " + values.length);
    }
    numbers = values.length;
    ByteBuffer one = buffer();
    one.asFloatBuffer().put(values);
    try {
      bytes.seek(place(count));
      bytes.write(one.array());
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be written: " + e.getMessage(), e);
    }
    count++;
  }

  /** Images so far. */
  int count() {
    return count;
  }

  /** Numbers of some images, one behind another. */
  float[] read(int[] images) {
    float[] all = new float[images.length * numbers];
    ByteBuffer one = buffer();
    try {
      for (int i = 0; i < images.length; i++) {
        bytes.seek(place(images[i]));
        bytes.readFully(one.array());
        one.asFloatBuffer().get(all, i * numbers, numbers);
      }
    } catch (IOException e) {
      throw CheckpointException.unreadable(file, e);
    }
    return all;
  }

  private ByteBuffer buffer() {
    return ByteBuffer.allocate(numbers * Float.BYTES).order(ByteOrder.nativeOrder());
  }

  private long place(int image) {
    return (long) image * numbers * Float.BYTES;
  }

  @Override
  public void close() {
    try {
      bytes.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new CheckpointException(file + ": cannot be removed: " + e.getMessage(), e);
    }
  }
}
