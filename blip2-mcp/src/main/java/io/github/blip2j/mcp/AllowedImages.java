package io.github.blip2j.mcp;

import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that may be looked at: those in some folders, whatever links lead to them, and those
 * that come within the request. Whether a path outside names something is not told.
 */
final class AllowedImages {
  private static final Logger LOG = LoggerFactory.getLogger(AllowedImages.class);
  private static final Set<String> KINDS =
      Set.of("jpg", "jpeg", "png", "gif", "bmp", "webp", "tif", "tiff");
  private static final int SHOWN = 200; // letters of an image's name in a message

  private final List<Path> folders;

  /** The folders as they were named, links and all. */
  private final List<Path> names;

  private final Runnable checked;

  /**
   * Images of these folders and of what lies below.
   *
   * @throws IllegalArgumentException if one is no folder
   */
  AllowedImages(List<Path> folders) {
    this(folders, () -> {});
  }

  /**
   * The same.
   *
   * @param checked is run after a file's path was checked and before it is read
   */
  AllowedImages(List<Path> folders, Runnable checked) {
    this.checked = checked;
    this.folders = folders.stream().map(AllowedImages::real).distinct().toList();
    names = folders.stream().map(f -> f.toAbsolutePath().normalize()).toList();
  }

  private static Path real(Path folder) {
    try {
      Path real = folder.toRealPath();
      if (!Files.isDirectory(real)) {
        throw new IllegalArgumentException(folder + ": expected a folder, found a file");
      }
      return real;
    } catch (IOException e) {
      throw new IllegalArgumentException(folder + ": expected a folder, found nothing", e);
    }
  }

  /** The folders, without links. */
  List<Path> folders() {
    return folders;
  }

  /**
   * Reads an image. Whoever exchanges folders for links meanwhile does not have another read, as
   * far as {@link AllowedFile} says.
   *
   * @param image a path, absolute or below one of the folders, a {@code file:} or {@code data:} URI
   * @throws IllegalArgumentException if it is named wrongly, or lies elsewhere
   * @throws UnreadableImageException if there is no file, or it cannot be read
   */
  ImageSource read(String image) {
    if (isUri(image, "data")) {
      try {
        return ImageSource.of(new URI(image));
      } catch (URISyntaxException e) {
        throw new IllegalArgumentException(
            "image (" + shown(image) + ") must be a data: URI: " + e.getReason(), e);
      }
    }
    Path file = find(image);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new UnreadableImageException(shown(image) + ": expected an image file, found none");
    }
    Path folder = folders.stream().filter(file::startsWith).findFirst().orElseThrow();
    checked.run();
    try {
      return new AllowedFile(folder, file).read();
    } catch (IOException e) {
      throw new UnreadableImageException(shown(image) + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The file of that name, without links. */
  private Path find(String image) {
    Path named = path(image);
    List<Path> candidates = new ArrayList<>();
    if (named.isAbsolute()) {
      candidates.add(named.normalize());
    } else {
      folders.forEach(folder -> candidates.add(folder.resolve(named).normalize()));
    }
    candidates.removeIf(c -> !isWithin(c, names) && !isWithin(c, folders)); // asks no disk
    boolean inside = false;
    for (Path candidate : candidates) {
      Optional<Path> real = resolved(candidate);
      if (real.isPresent() && isWithin(real.get(), folders)) {
        return real.get();
      }
      inside |= real.isEmpty() && isWithin(existing(candidate), folders);
    }
    if (inside) {
      throw new UnreadableImageException(shown(image) + ": expected an image file, found nothing");
    }
    throw new IllegalArgumentException(
        "image ("
            + shown(image)
            + ") must be a data: URI, or lie in "
            + (folders.isEmpty()
                ? "a folder that is allowed: there is none"
                : "one of " + folders));
  }

  private static Optional<Path> resolved(Path path) {
    try {
      return Optional.of(path.toRealPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Of a file that is not there: how far its path leads, without links. */
  private static Path existing(Path path) {
    Path parent = path.getParent();
    if (parent == null || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return path.getRoot(); // a link to nowhere, or nothing at all
    }
    return resolved(parent).orElseGet(() -> existing(parent));
  }

  private static boolean isWithin(Path path, List<Path> places) {
    return places.stream().anyMatch(path::startsWith);
  }

  /**
   * Whether a name is that of a file that may be looked at.
   *
   * @param image a path
   */
  boolean has(String image) {
    try {
      return Files.isRegularFile(find(image));
    } catch (IllegalArgumentException | UnreadableImageException e) {
      return false;
    }
  }

  /**
   * The image files, by the ends of their names; links are not followed. Below the allowed folders,
   * a folder that cannot be opened is passed over with all that is in it ({@code lost+found}, what
   * was removed in the meantime).
   *
   * @return absolute paths, in order
   * @throws UncheckedIOException if an allowed folder itself cannot be read
   */
  List<Path> list() {
    List<Path> found = new ArrayList<>();
    for (Path folder : folders) {
      try {
        Files.walkFileTree(folder, new Images(folder, found));
      } catch (IOException e) {
        throw new UncheckedIOException(folder + ": the folder cannot be read: " + e, e);
      }
    }
    return found.stream().distinct().sorted().toList();
  }

  /** Collects image files. */
  private static final class Images extends SimpleFileVisitor<Path> {
    private final Path top;
    private final List<Path> found;

    Images(Path top, List<Path> found) {
      this.top = top;
      this.found = found;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile() && KINDS.contains(kind(file))) {
        found.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
      return passOver(path, e);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
        throws IOException {
      return e == null ? FileVisitResult.CONTINUE : passOver(folder, e);
    }

    private FileVisitResult passOver(Path path, IOException e) throws IOException {
      if (path.equals(top)) {
        throw e;
      }
      LOG.debug("{}: is passed over: {}", path, e.toString());
      return FileVisitResult.CONTINUE;
    }
  }

  private static String kind(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static Path path(String image) {
    try {
      if (isUri(image, "file")) {
        return Path.of(ImageSource.of(new URI(image)).name()); // of no other host
      }
      if (image.isBlank() || image.matches("(?i)[a-z][a-z0-9+.-]+:.*")) {
        throw new IllegalArgumentException("nothing is downloaded");
      }
      return Path.of(image);
    } catch (InvalidPathException | URISyntaxException e) {
      throw misnamed(image, e);
    } catch (IllegalArgumentException e) {
      throw misnamed(image, e);
    }
  }

  private static IllegalArgumentException misnamed(String image, Exception e) {
    return new IllegalArgumentException(
        "image ("
            + shown(image).replace('\0', '?')
            + ") must be a path, or a file: or data: URI: "
            + e.getMessage(),
        e);
  }

  private static boolean isUri(String text, String scheme) {
    return text.regionMatches(true, 0, scheme + ":", 0, scheme.length() + 1);
  }

  private static String shown(String image) {
    int end = isUri(image, "data") ? Math.max(5, image.indexOf(',') + 1) : image.length();
    boolean cut = end < image.length() || end > SHOWN;
    return image.substring(0, Math.min(end, SHOWN)) + (cut ? "…" : "");
  }
}
