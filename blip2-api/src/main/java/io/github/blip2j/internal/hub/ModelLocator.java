package io.github.blip2j.internal.hub;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Finds a checkpoint by directory or by its name on the Hub, among what has been downloaded to this
 * machine's Hub cache ({@code models--owner--name/snapshots/commit}).
 */
public final class ModelLocator {
  private static final Pattern HUB_NAME = Pattern.compile("[\\w.-]+/[\\w.-]+");

  private final Locations locations;

  ModelLocator(Locations locations) {
    this.locations = locations;
  }

  /** Searches the folders that this process' environment names. */
  public static ModelLocator ofProcess() {
    return new ModelLocator(Locations.ofProcess());
  }

  /** Where backends keep what they derive from checkpoints, unless the user names a folder. */
  public Path derivedFiles() {
    return locations.derivedFiles();
  }

  /**
   * Finds a checkpoint directory.
   *
   * @param model a directory, or {@code owner/name} as on the Hub
   * @param revision a branch, tag or commit on the Hub; not used for a directory
   * @throws CheckpointException if there is neither; names both places
   */
  public Path find(String model, String revision) {
    if (Files.isDirectory(Path.of(model))) {
      return Path.of(model);
    }
    if (!HUB_NAME.matcher(model).matches() || model.contains("..")) {
      throw new CheckpointException(
          model + ": expected a checkpoint directory or owner/name as on the Hub, found neither");
    }
    Path folder = locations.hubCache().resolve("models--" + model.replace("/", "--"));
    Path snapshot = folder.resolve("snapshots").resolve(commit(folder, revision));
    if (!Files.isDirectory(snapshot)) {
      throw new CheckpointException(
          String.format(
                  Locale.ROOT,
                  "%s (revision %s): expected a directory or a downloaded model in %s, found neither",
                  model,
                  revision,
                  folder)
              + "; `hf download "
              + model
              + "` brings it there, or name a directory with its files");
    }
    return snapshot;
  }

  /** A branch or tag is a file with the commit in it; anything else is taken as the commit. */
  private static String commit(Path folder, String revision) {
    Path ref = folder.resolve("refs").resolve(revision).normalize();
    if (!ref.startsWith(folder.resolve("refs")) || !Files.isRegularFile(ref)) {
      return revision.replace('/', '_');
    }
    try {
      return Files.readString(ref).strip();
    } catch (IOException e) {
      throw new CheckpointException(ref + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
