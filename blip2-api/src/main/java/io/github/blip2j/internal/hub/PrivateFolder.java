package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder for a process that has no other: made among the temporary files under a name that nobody
 * can know before, for the owner alone, and deleted when the process ends.
 */
final class PrivateFolder {
  private static final Logger LOG = LoggerFactory.getLogger(PrivateFolder.class);
  private static final List<Path> MADE = new CopyOnWriteArrayList<>(); // at most one

  private PrivateFolder() {}

  /**
   * The one folder of this process, made when it is first needed.
   *
   * @throws UncheckedIOException if none can be made
   */
  static synchronized Path ofProcess() {
    if (MADE.isEmpty()) {
      try {
        Path folder = Files.createTempDirectory("blip2-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "blip2-cleanup"));
        MADE.add(folder);
        LOG.warn(
            "the cache folder cannot be used: using {} until this process ends; the environment"
                + " variable BLIP2_CACHE names a lasting one",
            folder);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "no cache folder can be written, nor one made in "
                + Locations.temporaryFiles()
                + "; the environment variable BLIP2_CACHE names one: "
                + e,
            e);
      }
    }
    return MADE.get(0);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // the system's own cleaning of temporary files is left
    }
  }
}
