package io.github.blip2j.mcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Folders within folders, the last of which have longer paths than systems open: for every user,
 * root too, a walk cannot enter them. Made of parts that can be named, each moved into the next.
 */
final class TooDeep implements AutoCloseable {
  private static final int PARTS = 6;
  private static final int LEVELS = 8; // of a part
  private static final String LEVEL = "d".repeat(100);

  private final Path folder;

  TooDeep(Path folder) throws IOException {
    this.folder = folder;
    for (int part = 0; part < PARTS; part++) {
      Files.createDirectories(end(part));
      if (part > 0) {
        Files.move(top(part - 1), within(part));
      }
    }
  }

  private Path top(int part) {
    return folder.resolve("part-" + part);
  }

  private Path end(int part) {
    Path end = top(part);
    for (int level = 0; level < LEVELS; level++) {
      end = end.resolve(LEVEL);
    }
    return end;
  }

  /** Where the part before this one lies in it. */
  private Path within(int part) {
    return end(part).resolve(top(part - 1).getFileName());
  }

  /** The outermost folder. */
  Path top() {
    return top(PARTS - 1);
  }

  /** Takes the parts out of each other, so that they can be removed. */
  @Override
  public void close() throws IOException {
    for (int part = PARTS - 1; part > 0; part--) {
      Files.move(within(part), top(part - 1));
    }
  }
}
