package io.github.blip2j.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * The images that arguments name: those in folders and below them, those that a pattern fits, and
 * whatever else a user may call an image. For one thread.
 */
final class ImageFiles {
  /** What follows arguments that may also be folders and patterns in a command's help. */
  static final String KINDS = "a folder, a pattern such as 'photos/**/*.jpg', " + Inputs.KINDS;

  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff");

  private final List<Found> found = new ArrayList<>();
  private final Map<String, String> unreadable = new TreeMap<>();

  /** An image's name, and its path in the folder that it was found in. */
  private record Found(String name, String within) {}

  private ImageFiles() {}

  /**
   * Looks for all images, in the order of the arguments and in a folder in that of their paths.
   *
   * @throws IllegalArgumentException if a folder or a pattern has no image, or a pattern is none
   */
  static ImageFiles of(List<String> arguments) {
    ImageFiles files = new ImageFiles();
    arguments.forEach(files::add);
    return files;
  }

  /** All names, those twice that were named twice. */
  List<String> names() {
    return found.stream().map(Found::name).toList();
  }

  /**
   * Those of a share, each once. The share does not depend on the other images, nor on where a
   * folder lies.
   */
  List<String> names(Shard shard) {
    return found.stream().filter(f -> shard.holds(f.within())).map(Found::name).distinct().toList();
  }

  /** Folders below those named that cannot be looked into, with the reason. */
  Map<String, String> unreadable() {
    return unreadable;
  }

  private void add(String argument) {
    Path path = Inputs.isAddress(argument) ? null : Inputs.path(argument);
    if (path != null && Files.isDirectory(path)) {
      int before = found.size();
      walk(path, file -> ENDINGS.contains(ending(file)));
      requireAny(argument, before, "a directory with images (" + endings() + ")");
    } else if (path != null && isPattern(argument) && !Files.exists(path)) {
      addPattern(argument);
    } else {
      found.add(new Found(argument, argument));
    }
  }

  private static String endings() {
    return ENDINGS.stream().map(e -> "." + e).sorted().collect(Collectors.joining(", "));
  }

  private void requireAny(String argument, int before, String what) {
    if (found.size() == before && unreadable.isEmpty()) {
      throw new IllegalArgumentException(argument + ": expected " + what + ", found none");
    }
  }

  private static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
  }

  /** A pattern's folder is what comes before its first special letter. */
  private void addPattern(String pattern) {
    String text = pattern.replace(File.separatorChar, '/');
    int special = 0;
    while ("*?[{".indexOf(text.charAt(special)) < 0) {
      special++;
    }
    int slash = text.lastIndexOf('/', special);
    Path folder = Path.of(slash < 0 ? "" : text.substring(0, slash + 1));
    String rest = text.substring(slash + 1);
    PathMatcher any;
    PathMatcher here;
    try {
      any = FileSystems.getDefault().getPathMatcher("glob:" + rest);
      // as in a shell, ** is also no folder at all
      here = FileSystems.getDefault().getPathMatcher("glob:" + rest.replace("**/", ""));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          pattern + ": expected a pattern, found: " + e.getDescription(), e);
    }
    int before = found.size();
    if (Files.isDirectory(folder)) {
      walk(folder, file -> any.matches(file) || here.matches(file));
    }
    requireAny(pattern, before, "files that fit this pattern");
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** Adds the files of a folder, by their paths in it; what is hidden is left out. */
  private void walk(Path folder, Predicate<Path> wanted) {
    Map<String, Path> files = new TreeMap<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path place, BasicFileAttributes attributes) {
              return !place.equals(folder) && isHidden(place)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Path within = folder.relativize(file);
              if (!isHidden(file) && wanted.test(within)) {
                files.put(within.toString().replace(File.separatorChar, '/'), file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              if (!(e instanceof FileSystemLoopException)) { // a link to a folder around it
                unreadable.put(file.toString(), file + ": cannot be read: " + e);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      unreadable.put(folder.toString(), folder + ": cannot be read: " + e);
    }
    files.forEach((within, file) -> found.add(new Found(file.toString(), within)));
  }

  private static boolean isHidden(Path file) {
    return file.getFileName().toString().startsWith(".");
  }
}
