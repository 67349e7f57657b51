package io.github.blip2j.host;

import io.github.blip2j.internal.hub.Locations;
import io.github.blip2j.internal.hub.ModelLocator;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a backend asks of the machine and the process that it runs in. Nothing here starts an
 * engine. Safe for many threads.
 */
public final class Host {
  private Host() {}

  /**
   * A setting of this process: the environment variable of a name, else the system property of the
   * same name.
   *
   * @param name such as {@code OMP_WAIT_POLICY}
   * @return null if there is neither; an empty value is a value
   */
  public static @Nullable String setting(String name) {
    return Locations.setting(name);
  }

  /**
   * The operating system and processor of this process.
   *
   * @return as Java calls them, with a slash between, such as {@code Linux/amd64}
   */
  public static String platform() {
    return Locations.platform();
  }

  /**
   * The cache folder of those who name none: where backends keep what they derive from checkpoints,
   * and native libraries. What {@code BLIP2_CACHE} names, else {@code blip2} in the user's cache
   * folder, else a folder that this process deletes at its end.
   *
   * @return may not exist yet
   */
  public static Path cacheDirectory() {
    return ModelLocator.ofProcess().derivedFiles();
  }

  /**
   * Cores that this process may use: two threads of one core share what multiplies, and slow each
   * other down. A container's limits count; a part of a processor's time counts as a whole one.
   *
   * @return at least 1; processors where the system does not tell
   */
  public static int cores() {
    return Machine.cores();
  }

  /**
   * Memory that this process can have without swapping: the machine's and, in a container, the
   * least of its groups'.
   *
   * @return bytes; nothing where the system does not tell
   */
  public static OptionalLong availableMemory() {
    return Machine.availableMemory();
  }

  /**
   * Memory that this process has now, mapped files that lie in memory included.
   *
   * @return bytes; nothing where the system does not tell
   */
  public static OptionalLong residentMemory() {
    return Machine.residentMemory();
  }

  /**
   * Why this machine can have no CUDA device, asked of the file system alone: takes no time and
   * loads nothing.
   *
   * @return nothing where a driver has left its traces, or on a system other than Linux
   */
  public static Optional<String> noNvidiaDriver() {
    return Nvidia.noDriver();
  }

  /**
   * Deletes folders that earlier processes of this user have left among the temporary files: those
   * that are older than a day and from which no process of this user has mapped a file. What cannot
   * be deleted is left, without an error.
   *
   * @param prefix of the folders' names; a number follows it
   */
  public static void sweepTemporaryFolders(String prefix) {
    OldTemporaryFolders.sweep(prefix);
  }
}
