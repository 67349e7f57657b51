package io.github.blip2j.host;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.internal.hub.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings native libraries into a folder of the cache from which they can be loaded, and starts an
 * engine with them.
 */
public final class Natives {
  private static final Logger LOG = LoggerFactory.getLogger(Natives.class);

  /** What the system says of a folder whose files must not be run, and Java of a second loader. */
  private static final List<String> OTHER_FOLDER =
      List.of("failed to map segment", "another classloader", "Operation not permitted");

  private Natives() {}

  /**
   * What an engine is started with.
   *
   * @param root the folder of all native libraries
   * @param folder that of the engine's own
   */
  public record Place(Path root, Path folder) {}

  /**
   * Unpacks libraries and starts an engine, in the first folder where both can be done: the cache
   * folder's, this user's own in it, or one that is deleted when this process ends.
   *
   * @param label names the libraries in messages
   * @param cache the cache folder
   * @param libraries what to unpack, given the folder of all native libraries
   * @param start is given the place; may be called again with another one after a {@link
   *     LinkageError} that blames the folder
   * @param <T> what a start gives
   * @return what {@code start} gives
   * @throws BackendUnavailableException with each folder and reason, if no folder will do or {@code
   *     start} throws an error
   */
  public static <T> T start(
      String label, Path cache, Function<Path, Libraries> libraries, Function<Place, T> start) {
    List<String> reasons = new ArrayList<>();
    Throwable first = null;
    List<Supplier<Path>> candidates = NativeRoot.of(cache);
    for (int i = 0; i < candidates.size(); i++) {
      Path root = null;
      try {
        root = candidates.get(i).get();
        NativeRoot.secure(root);
        T started = start.apply(new Place(root, libraries.apply(root).unpack(root)));
        if (!reasons.isEmpty()) {
          LOG.warn("{}: native libraries are in {}, since {}", label, root, reasons);
        }
        return started;
      } catch (IOException | UncheckedIOException | LinkageError e) {
        first = first == null ? e : first;
        String reason = Reasons.of(e);
        reasons.add(
            root == null || reason.contains(root.toString()) ? reason : root + ": " + reason);
        if (e instanceof LinkageError) {
          if (!isOfTheFolder(e)) {
            break;
          }
          i = Math.max(i, candidates.size() - 2); // another folder beside it would not do either
        }
      }
    }
    throw new BackendUnavailableException(
        label + ": native libraries cannot be loaded: " + String.join("; ", reasons),
        Objects.requireNonNull(first));
  }

  /**
   * Unpacks what an engine needs beside what it was started with.
   *
   * @param label names the libraries in messages
   * @param root of the {@link Place} that it was started with
   * @param libraries what to unpack
   * @throws BackendUnavailableException if it cannot be unpacked
   */
  public static void add(String label, Path root, Libraries libraries) {
    try {
      libraries.unpack(root);
    } catch (IOException e) {
      throw new BackendUnavailableException(
          label + ": native libraries cannot be unpacked: " + root + ": " + Reasons.of(e), e);
    }
  }

  /**
   * What is thrown when an engine cannot be started.
   *
   * @param label names the engine in the message
   * @param cache the cache folder
   * @param failure what happened
   * @return the same if it says so already, else one that says why and where
   */
  public static BackendUnavailableException unavailable(
      String label, Path cache, Throwable failure) {
    return failure instanceof BackendUnavailableException said
        ? said
        : new BackendUnavailableException(
            label + " cannot be loaded: " + reason(failure) + "; cache folder " + cache, failure);
  }

  /**
   * The messages of an exception and its causes, without those that repeat an earlier one and those
   * of a class initialiser, which say nothing. Where the first cause has no message, its class.
   *
   * @param failure any
   * @return the messages, outermost first, with colons between; never empty
   */
  public static String reason(Throwable failure) {
    return Reasons.of(failure);
  }

  private static boolean isOfTheFolder(Throwable failure) {
    String message = Reasons.of(failure);
    return OTHER_FOLDER.stream().anyMatch(message::contains);
  }

  /**
   * Loads libraries for an engine's classes, so that what cannot be loaded is found before a class
   * of the engine that tries once and never again. Does nothing where the engine's classes have
   * another class loader than this one: a library belongs to the class loader that loads it.
   *
   * @param engine a class of the engine that calls into the libraries
   * @param libraries their files, in the order in which they need each other
   * @throws UnsatisfiedLinkError if one cannot be loaded
   */
  public static void preload(Class<?> engine, List<Path> libraries) {
    if (engine.getClassLoader() == Natives.class.getClassLoader()) {
      libraries.forEach(l -> System.load(l.toAbsolutePath().toString()));
    }
  }

  /**
   * Whether the application has said where DJL keeps native libraries, or which it loads; then DJL
   * does as it says.
   *
   * @param overrides DJL's settings for an engine's own libraries
   * @return whether one of these, or of those for all engines, is set
   */
  public static boolean chosenByApplication(String... overrides) {
    return Stream.concat(Stream.of("ENGINE_CACHE_DIR", "DJL_CACHE_DIR"), Stream.of(overrides))
        .anyMatch(name -> Locations.setting(name) != null);
  }

  /**
   * The properties that send what DJL, and JNA under it, unpack to a folder.
   *
   * @param root the folder of all native libraries
   * @return for {@link EngineStart#run}
   */
  public static Map<String, String> properties(Path root) {
    return Locations.setting("jna.tmpdir") == null
        ? Map.of("ENGINE_CACHE_DIR", root.toString(), "jna.tmpdir", root.toString())
        : Map.of("ENGINE_CACHE_DIR", root.toString());
  }
}
