package io.github.blip2j.mcp;

import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file below a folder, read so that no link leads out of it, whoever changes the folders between
 * a check and this. Where Java opens names within an open folder ({@link SecureDirectoryStream}, as
 * on Linux) the way is gone step by step, and no step follows a link. Elsewhere the path is looked
 * at again once the file is open: a folder that was a link for that moment alone is not noticed.
 * Who may replace the folder itself decides what lies in it.
 *
 * @param folder a path without links
 * @param file below it, without links when it was checked
 */
record AllowedFile(Path folder, Path file) {
  /**
   * Reads it to its end.
   *
   * @throws IOException if it cannot be read, or a link is on the way to it
   */
  ImageSource read() throws IOException {
    try (DirectoryStream<Path> top = Files.newDirectoryStream(folder)) {
      if (top instanceof SecureDirectoryStream<Path> secure) {
        return step(secure, folder.relativize(file));
      }
    }
    return readAndLookAgain();
  }

  private static ImageSource step(SecureDirectoryStream<Path> folder, Path below)
      throws IOException {
    Path name = below.getName(0);
    int names = below.getNameCount();
    if (names == 1) {
      Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      try (InputStream bytes = Channels.newInputStream(folder.newByteChannel(name, options))) {
        return ImageSource.of(bytes);
      }
    }
    try (SecureDirectoryStream<Path> next =
        folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      return step(next, below.subpath(1, names));
    }
  }

  /** The way of file systems without such folders. */
  ImageSource readAndLookAgain() throws IOException {
    try (InputStream bytes = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      if (!file.toRealPath().equals(file)) {
        throw new FileSystemException(file.toString(), null, "a link has come into its path");
      }
      return ImageSource.of(bytes);
    }
  }
}
