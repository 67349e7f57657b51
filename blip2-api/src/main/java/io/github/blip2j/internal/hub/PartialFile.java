package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * The beginning of a file that is being downloaded, with the digest of what is there. It stays when
 * the download ends early, so that the next one goes on at its end. For one thread.
 */
final class PartialFile implements AutoCloseable {
  private static final int BLOCK = 1 << 20;

  private final Path place;
  private final HubFile file;
  private final FileChannel channel;
  private MessageDigest digest;
  private long length;

  private PartialFile(Path place, HubFile file, FileChannel channel) {
    this.place = place;
    this.file = file;
    this.channel = channel;
    this.digest = file.digest();
  }

  /**
   * Opens what is there, and reads it once for the digest; more than the file's size is cut off.
   *
   * @throws DownloadException if it cannot be written or read
   */
  static PartialFile open(Path place, HubFile file) {
    try {
      FileChannel channel =
          FileChannel.open(
              place, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      PartialFile partial = new PartialFile(place, file, channel);
      partial.readBack();
      return partial;
    } catch (IOException e) {
      throw unwritable(place, e);
    }
  }

  private void readBack() throws IOException {
    if (channel.size() > file.size()) {
      channel.truncate(0);
    }
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (channel.read(block) >= 0) {
      block.flip();
      length += block.remaining();
      digest.update(block);
      block.clear();
    }
  }

  /** Bytes that are there. */
  long length() {
    return length;
  }

  boolean complete() {
    return length == file.size();
  }

  /**
   * Appends bytes.
   *
   * @param from the first of them
   * @throws DownloadException if they cannot be written, as on a full disk
   */
  void append(byte[] bytes, int from, int count) {
    ByteBuffer left = ByteBuffer.wrap(bytes, from, count);
    try {
      while (left.hasRemaining()) {
        channel.write(left, length + left.position() - from);
      }
    } catch (IOException e) {
      throw unwritable(place, e);
    }
    digest.update(bytes, from, count);
    length += count;
  }

  /** Forgets everything that is there. */
  void restart() {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw unwritable(place, e);
    }
    digest = file.digest();
    length = 0;
  }

  /** The hash of what is there; asked for once, of a complete file. */
  String hash() {
    return HubFile.hash(digest);
  }

  /**
   * Makes the file visible under its name, in one step.
   *
   * @throws IOException if the partial file is no longer there
   */
  void publish(Path target) throws IOException {
    channel.force(true);
    channel.close(); // Windows renames no open file
    Files.move(place, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static DownloadException unwritable(Path place, IOException e) {
    return new DownloadException(
        place
            + ": cannot be written: "
            + e.getMessage()
            + "; HF_HUB_CACHE names another folder for models",
        e);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // what was written has been written
    }
  }
}
