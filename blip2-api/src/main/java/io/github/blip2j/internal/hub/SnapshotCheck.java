package io.github.blip2j.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.internal.json.JsonTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Whether a commit in the cache is whole, as far as that can be told without a connection. What
 * this library downloads appears when it is whole; Python's client makes files visible one by one,
 * and newer versions keep a listing in {@code trees} beside them.
 *
 * @param folder the model's
 * @param commit which one
 * @param kind what is expected to be there
 */
record SnapshotCheck(CacheFolder folder, String commit, NeededFiles kind) {
  private boolean has(String file) {
    return Files.exists(folder.snapshot(commit).resolve(file)); // and its link leads somewhere
  }

  /** Also of a link that leads nowhere, as when its blob was deleted. */
  private boolean hasEntry(String file) {
    return Files.exists(folder.snapshot(commit).resolve(file), LinkOption.NOFOLLOW_LINKS);
  }

  /** Names of files that are needed and are not there; empty if all are. */
  List<String> missing() {
    Set<String> listed = listed();
    Set<String> missing = new LinkedHashSet<>();
    Predicate<String> needed =
        listed.isEmpty() ? kind.required(modelType())::contains : listed::contains;
    kind.settings(needed).stream().filter(f -> !has(f)).forEach(missing::add);
    Optional<String> weights = kind.weights(this::hasEntry);
    if (weights.isEmpty()) {
      missing.add(kind.weights(listed::contains).orElse(kind.expectedWeights()));
    } else if (!has(weights.get())) {
      missing.add(weights.get());
    }
    named().stream().filter(f -> !has(f)).forEach(missing::add);
    return List.copyOf(missing);
  }

  /** What kind of model it is; "" if its settings do not say, which their reader will refuse. */
  private String modelType() {
    Path config = folder.snapshot(commit).resolve("config.json");
    try {
      return Files.isRegularFile(config)
          ? JsonTrees.PLAIN.read(Files.readAllBytes(config)).path("model_type").asText()
          : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** Every file of the commit, if Python's client has kept the listing; else nothing. */
  private Set<String> listed() {
    Path listing = folder.folder().resolve("trees").resolve(commit + ".json");
    Set<String> names = new HashSet<>();
    if (Files.isRegularFile(listing)) {
      try {
        JsonNode root = JsonTrees.PLAIN.read(Files.readAllBytes(listing));
        root.path("files").fieldNames().forEachRemaining(names::add);
      } catch (IOException e) {
        names.clear(); // as if it were not there; Python does the same
      }
    }
    return names;
  }

  /** What is here, and what that names in its turn, whether it is here or not. */
  private Set<String> named() {
    Set<String> names = new LinkedHashSet<>(kind.settings(this::has));
    kind.weights(this::has).ifPresent(names::add);
    for (String name : names.stream().filter(NeededFiles::namesOthers).toList()) {
      Path file = folder.snapshot(commit).resolve(name);
      try {
        names.addAll(NeededFiles.named(name, Files.readAllBytes(file), file.toString()));
      } catch (IOException e) {
        throw CheckpointException.unreadable(file, e);
      }
    }
    return names;
  }

  /**
   * Refuses links that lead out of the cache: from a snapshot to a blob, and from there to the
   * store that all models share, is what there is.
   *
   * @throws CheckpointException naming the file
   */
  void requireInside() {
    for (String name : named()) {
      Path file = folder.snapshot(commit).resolve(name);
      try {
        Path real = file.toRealPath();
        if (!real.startsWith(folder.root().toRealPath())
            && !real.startsWith(folder.folder().toRealPath())) {
          throw new CheckpointException(
              file + ": expected a file in " + folder.root() + ", found a link to " + real);
        }
      } catch (IOException e) {
        throw CheckpointException.unreadable(file, e);
      }
    }
  }
}
