package io.github.blip2j.internal.hub;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.DownloadException;
import io.github.blip2j.core.LoadListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds a checkpoint or an adapter by directory or by its name on the Hub, among what has been
 * downloaded to this machine's Hub cache ({@code models--owner--name/snapshots/commit}). Connects
 * to nothing unless a download is asked for.
 */
public final class ModelLocator {
  private final Locations locations;
  private final Retries.Pause pause;

  ModelLocator(Locations locations, Retries.Pause pause) {
    this.locations = locations;
    this.pause = pause;
  }

  /** Searches the folders that this process' environment names. */
  public static ModelLocator ofProcess() {
    return new ModelLocator(Locations.ofProcess(), Retries.Pause.SLEEP);
  }

  /** Where backends keep what they derive from checkpoints, unless the user names a folder. */
  public Path derivedFiles() {
    return locations.derivedFiles();
  }

  /** Where downloaded models lie, for every library of the Hub on this machine. */
  public Path hubCache() {
    return locations.hubCache();
  }

  /**
   * Finds a checkpoint directory.
   *
   * @param model a directory, or {@code owner/name} or {@code owner/name@revision} as on the Hub
   * @param revision a branch, tag or commit on the Hub; not used for a directory
   * @throws CheckpointException if there is neither, or not all of it; names the places and says
   *     how to have it downloaded
   */
  public Path find(String model, String revision) {
    return find(model, revision, NeededFiles.MODEL);
  }

  private Path find(String model, String revision, NeededFiles kind) {
    if (isDirectory(model)) {
      return Path.of(model);
    }
    HubName name = HubName.parse(model, revision);
    CacheFolder folder = new CacheFolder(locations.hubCache(), name, true);
    Optional<String> commit = commit(folder);
    if (commit.isEmpty() || !Files.isDirectory(folder.snapshot(commit.get()))) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected a directory or a downloaded %s in %s, found neither; %s brings it"
                  + " there, or name a directory with its files",
              name,
              kind.noun(),
              folder.folder(),
              name.command()));
    }
    SnapshotCheck check = new SnapshotCheck(folder, commit.get(), kind);
    List<String> missing = check.missing();
    if (!missing.isEmpty()) {
      throw incomplete(check, missing);
    }
    check.requireInside();
    return folder.snapshot(commit.get());
  }

  private static CheckpointException incomplete(SnapshotCheck check, List<String> missing) {
    CacheFolder folder = check.folder();
    NeededFiles other = check.kind().other();
    boolean isOther = new SnapshotCheck(folder, check.commit(), other).missing().isEmpty();
    return new CheckpointException(
        String.format(
            Locale.ROOT,
            "%s: expected all of its files in %s, found no %s%s; %s brings what is missing%s",
            folder.name(),
            folder.snapshot(check.commit()),
            String.join(", no ", missing),
            isOther ? ", but " + other.use() : "",
            folder.name().command(),
            isOther ? " if the Hub has a model and an adapter under this name" : ""));
  }

  /**
   * Finds a checkpoint directory, if wanted after downloading what is missing of it. Of a model
   * that is here nothing is asked.
   *
   * @param download whether to download
   * @param listener is told how far a download is
   * @throws CheckpointException as for {@link #find(String, String)}
   * @throws DownloadException if it cannot be downloaded
   */
  public Path find(String model, String revision, boolean download, LoadListener listener) {
    if (download) {
      bring(model, revision, NeededFiles.MODEL, listener);
    }
    return find(model, revision, NeededFiles.MODEL);
  }

  /**
   * Finds an adapter's directory in the same way.
   *
   * @param adapter a directory, or {@code owner/name} or {@code owner/name@revision} as on the Hub
   * @param download whether to download it if it is not here
   * @param listener as for a model
   * @throws CheckpointException as for a model
   * @throws DownloadException as for a model
   */
  public Path findAdapter(String adapter, boolean download, LoadListener listener) {
    if (download) {
      bring(adapter, HubName.MAIN, NeededFiles.ADAPTER, listener);
    }
    return find(adapter, HubName.MAIN, NeededFiles.ADAPTER);
  }

  private void bring(String name, String revision, NeededFiles kind, LoadListener listener) {
    if (!isHere(name, revision, kind)) {
      plan(name, revision, List.of(kind)).run(listener);
    }
  }

  /**
   * Whether a checkpoint is here: a directory, or all files of a model in the cache.
   *
   * @throws CheckpointException if it is neither a directory nor could be a name
   */
  public boolean isHere(String model, String revision) {
    return isHere(model, revision, NeededFiles.MODEL);
  }

  private boolean isHere(String model, String revision, NeededFiles kind) {
    if (isDirectory(model)) {
      return true;
    }
    HubName name = HubName.parse(model, revision);
    CacheFolder folder = new CacheFolder(locations.hubCache(), name, true);
    return commit(folder)
        .filter(c -> Files.isDirectory(folder.snapshot(c)))
        .filter(c -> new SnapshotCheck(folder, c, kind).missing().isEmpty())
        .isPresent();
  }

  /**
   * Asks the Hub what a model consists of now, or an adapter.
   *
   * @throws CheckpointException if it could not be the name of a model
   * @throws DownloadException if it does not say
   */
  public HubDownload plan(String model, String revision) {
    return plan(model, revision, List.of(NeededFiles.values()));
  }

  private HubDownload plan(String model, String revision, List<NeededFiles> kinds) {
    if (!HubName.isId(model.replaceAll("@.*", ""))) {
      throw new CheckpointException(
          model + ": expected owner/name or owner/name@revision as on the Hub, found another name");
    }
    return HubDownload.plan(locations, HubName.parse(model, revision), pause, kinds);
  }

  private static boolean isDirectory(String model) {
    try {
      return Files.isDirectory(Path.of(model));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** A branch or tag is a file with the commit in it; a commit is itself. */
  private static Optional<String> commit(CacheFolder folder) {
    Path reference = folder.reference();
    if (!Files.isRegularFile(reference)) {
      return Optional.of(folder.name().revision()).filter(r -> r.matches("[\\w.-]+"));
    }
    try {
      return Optional.of(Files.readString(reference).strip()).filter(HubName::isCommit);
    } catch (IOException e) {
      throw CheckpointException.unreadable(reference, e);
    }
  }
}
