package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Files that are read from many places, each opened once. For one thread, which closes it. */
final class OpenFiles implements AutoCloseable {
  private final Map<Path, FileChannel> channels = new HashMap<>();

  /**
   * Reads a tensor's stored bytes as they are.
   *
   * @param buffer has as many bytes remaining as the tensor, which are filled
   * @throws CheckpointException if the file cannot be read or ends early
   */
  void read(WeightTensor tensor, ByteBuffer buffer) {
    try {
      FileChannel channel = channels.get(tensor.file());
      if (channel == null) {
        channel = FileChannel.open(tensor.file(), StandardOpenOption.READ);
        channels.put(tensor.file(), channel);
      }
      tensor.read(channel, buffer);
    } catch (IOException e) {
      throw CheckpointException.unreadable(tensor.file(), e);
    }
  }

  @Override
  public void close() {
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was only read, and the reading has its result.
      }
    }
  }
}
