package io.github.blip2j.host;

import io.github.blip2j.internal.hub.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Folders that earlier processes of this user have left among the temporary files: engines delete
 * their own only when they are ended well, or not even then.
 */
final class OldTemporaryFolders {
  private static final Duration OLD = Duration.ofDays(1);

  private OldTemporaryFolders() {}

  /**
   * Deletes what is older than a day and not mapped by a process of this user. What cannot be
   * deleted is left.
   *
   * @param prefix of the folders' names, before a number
   */
  static void sweep(String prefix) {
    sweep(Locations.temporaryFiles(), prefix, Path.of("/proc"));
  }

  static void sweep(Path temporary, String prefix, Path processes) {
    Instant longAgo = Instant.now().minus(OLD);
    try (Stream<Path> files = Files.list(temporary)) {
      List<Path> old =
          files
              .filter(f -> f.getFileName().toString().matches(Pattern.quote(prefix) + "\\d+"))
              .filter(f -> isOld(f, longAgo))
              .toList();
      if (!old.isEmpty()) {
        String mapped = mapped(processes);
        old.stream().filter(f -> !mapped.contains(f + "/")).forEach(OldTemporaryFolders::delete);
      }
    } catch (IOException | UncheckedIOException e) {
      // they stay
    }
  }

  private static boolean isOld(Path folder, Instant longAgo) {
    try {
      return Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(folder).equals(Files.getOwner(Path.of("/proc/self")))
          && Files.getLastModifiedTime(folder).toInstant().isBefore(longAgo);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // where users and mappings cannot be told, nothing is touched
    }
  }

  /** The text of what all processes have mapped, as far as this user may read it. */
  private static String mapped(Path processes) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> each = Files.list(processes)) {
      for (Path process : each.filter(p -> p.getFileName().toString().matches("\\d+")).toList()) {
        try {
          all.append(Files.readString(process.resolve("maps")));
        } catch (IOException e) {
          // of another user, or gone
        }
      }
    }
    return all.toString();
  }

  /** One level is all that engines make. */
  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException | UncheckedIOException e) {
      // it stays
    }
  }
}
