package io.github.blip2j.mcp;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.SearchOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An index of the folders' images that lives as long as this. Each search first brings it up to
 * date, for so long at most: an assistant does not wait for minutes, and says what is left.
 */
final class FolderFinder implements Finder {
  private static final Logger LOG = LoggerFactory.getLogger(FolderFinder.class);

  private final AllowedImages images;
  private final Duration patience;
  private final LongSupplier nanoTime;
  private final Path directory;
  private final Blip2Index index;
  private final Thread atExit = new Thread(this::remove, "blip2-mcp-remove");

  /** Size and time of change of every image that was looked at. */
  private final Map<Path, String> known = new HashMap<>();

  private final Set<Path> unreadable = new HashSet<>();

  /**
   * Starts with an empty index.
   *
   * @param patience of a search, after which it looks at no further image; at least one is
   * @param nanoTime a clock
   */
  FolderFinder(Blip2 matching, AllowedImages images, Duration patience, LongSupplier nanoTime) {
    this.images = images;
    this.patience = patience;
    this.nanoTime = nanoTime;
    try {
      directory = Files.createTempDirectory("blip2-mcp-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(atExit); // programs end what they started by a signal
    index = Blip2Index.open(directory, matching);
  }

  /** Where the index lies. */
  Path directory() {
    return directory;
  }

  @Override
  public Found find(String query, int limit) {
    int left = update();
    return new Found(
        index.images() == 0 ? List.of() : index.images(query, SearchOptions.best(limit)),
        index.images(),
        left,
        unreadable.size());
  }

  /** Looks at what is new or has changed; gives how many images are left. */
  private int update() {
    long start = nanoTime.getAsLong();
    List<Path> files = images.list();
    forget(files);
    int left = 0;
    boolean late = false;
    for (Path file : files) {
      String state = state(file);
      if (state.equals(known.get(file))) {
        continue;
      }
      if (late) {
        left++;
        continue;
      }
      add(file);
      known.put(file, state);
      late = nanoTime.getAsLong() - start > patience.toNanos();
    }
    return left;
  }

  private void add(Path file) {
    try {
      index.addImage(file.toString(), images.read(file.toString()), Map.of());
      unreadable.remove(file);
    } catch (UnreadableImageException | IllegalArgumentException e) { // a link has taken its place
      index.deleteImage(file.toString());
      unreadable.add(file);
    }
  }

  /** Forgets what is there no longer. */
  private void forget(List<Path> files) {
    Set<Path> gone = new HashSet<>(known.keySet());
    gone.removeAll(new HashSet<>(files));
    for (Path file : gone) {
      index.deleteImage(file.toString());
      known.remove(file);
      unreadable.remove(file);
    }
  }

  private static String state(Path file) {
    try {
      return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return "gone";
    }
  }

  @Override
  public void close() {
    index.discard();
    index.close();
    remove();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      LOG.debug("the process ends: {}", e.getMessage());
    }
  }

  private void remove() {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{}: cannot be removed: {}", directory, e.toString());
    }
  }
}
