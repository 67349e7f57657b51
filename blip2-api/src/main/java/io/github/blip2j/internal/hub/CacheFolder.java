package io.github.blip2j.internal.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.UUID;

/**
 * A model's folder in the Hub's cache, as every library of the Hub has it: contents under their
 * hashes in {@code blobs}, a folder of relative links for each commit in {@code snapshots}, and the
 * commits of branches and tags in {@code refs}. Safe for many threads and processes: everything
 * becomes visible in one step.
 *
 * @param root of the cache
 * @param name the model
 * @param links whether symbolic links may be made; files are moved or copied without
 */
record CacheFolder(Path root, HubName name, boolean links) {
  /** Python's client takes such names for left-overs, which its cleaning may delete. */
  private static final String PARTIAL = ".blip2.incomplete";

  private static final String TAG = "CACHEDIR.TAG";
  private static final String TAG_TEXT =
      "Signature: 8a477f597d28d172789f06886806bc55\n"
          + "# This file is a cache directory tag. See https://bford.info/cachedir/.\n";

  Path folder() {
    return root.resolve(name.folder());
  }

  private Path blobs() {
    return folder().resolve("blobs");
  }

  Path snapshot(String commit) {
    return folder().resolve("snapshots").resolve(commit);
  }

  /** The file that says which commit the revision was. */
  Path reference() {
    return folder().resolve("refs").resolve(name.revision());
  }

  Path blob(HubFile file) {
    return blobs().resolve(file.hash());
  }

  /** Where a file grows: under one name, so that the next try finds it; or under no other's. */
  Path partial(HubFile file, boolean alone) {
    return blobs().resolve(file.hash() + (alone ? "" : "." + UUID.randomUUID()) + PARTIAL);
  }

  Path lock(HubFile file) {
    return root.resolve(".locks").resolve(name.folder()).resolve(file.hash() + ".lock");
  }

  /** Makes what every model has, so that no reader finds half a folder. */
  void create() throws IOException {
    Files.createDirectories(blobs());
    Files.createDirectories(folder().resolve("snapshots"));
    Path tag = root.resolve(TAG);
    if (!Files.exists(tag, LinkOption.NOFOLLOW_LINKS)) {
      Files.writeString(tag, TAG_TEXT);
    }
  }

  /** Whether a file is here, for this commit or another; by its size, as it was checked before. */
  boolean holds(String commit, HubFile file) {
    return isWhole(snapshot(commit).resolve(file.name()), file) || isWhole(blob(file), file);
  }

  private static boolean isWhole(Path place, HubFile file) {
    try {
      return Files.isRegularFile(place) && Files.size(place) == file.size();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Makes a file whose content is here a file of a commit.
   *
   * @param shared whether the content is that of another file too
   */
  void place(String commit, HubFile file, boolean shared) throws IOException {
    Path target = snapshot(commit).resolve(file.name());
    if (isWhole(target, file)) {
      return;
    }
    Path parent = Objects.requireNonNull(target.getParent());
    Files.createDirectories(parent);
    if (!links || !linked(parent.relativize(blob(file)), target)) {
      moved(file, target, shared);
    }
  }

  /** False where there are no symbolic links, or this user may not make them. */
  private boolean linked(Path source, Path target) throws IOException {
    Path made = blobs().resolve(UUID.randomUUID() + PARTIAL);
    try {
      Files.createSymbolicLink(made, source); // and leads there from its place
    } catch (IOException | UnsupportedOperationException | SecurityException e) {
      return false;
    }
    Files.move(made, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }

  /**
   * A blob that is a link itself belongs to all models, and is copied as a shared one is. One that
   * is no longer there may have been moved by another process, to the same place.
   */
  void moved(HubFile file, Path target, boolean shared) throws IOException {
    Path blob = blob(file);
    Path source = blob;
    try {
      if (shared || Files.isSymbolicLink(blob)) {
        source = Files.copy(blob, partial(file, false));
      }
      Files.move(
          source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      if (!isWhole(target, file)) {
        throw e;
      }
    }
  }

  /**
   * Notes which commit the revision is, for those who ask without a connection; without a newline.
   */
  void refer(String commit) throws IOException {
    if (name.isCommit()) {
      return;
    }
    Files.createDirectories(Objects.requireNonNull(reference().getParent()));
    Path written = Files.writeString(blobs().resolve(UUID.randomUUID() + PARTIAL), commit);
    Files.move(
        written, reference(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
