package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Which case a worker is at, in a file that outlives the worker however it ends: a mapped page is
 * written by the system even if the process is killed.
 */
final class Journal {
  private static final int BYTES = 16;

  private final MappedByteBuffer page;

  private Journal(MappedByteBuffer page) {
    this.page = page;
  }

  static Journal open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Journal(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
    }
  }

  /** The case that is being tried; all before it have ended. */
  long at() {
    return page.getLong(0);
  }

  void at(long number) {
    page.putLong(0, number);
  }

  /** Cases that the library accepted, of all so far. */
  long accepted() {
    return page.getLong(Long.BYTES);
  }

  void accepted(long count) {
    page.putLong(Long.BYTES, count);
  }
}
