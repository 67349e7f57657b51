package io.github.blip2j.checkpoint;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a bundle were when it was made: sizes and SHA-256. Sizes are compared each time
 * that it is opened, contents of small files too; those of large ones by {@code sha256sum -c
 * SHA256SUMS}, since that takes seconds.
 */
final class BundleFiles {
  private static final long SMALL = 64 << 20;
  private static final int PIECE = 1 << 20;

  private BundleFiles() {}

  /** Compares the files of a directory with what its {@code bundle.json} says of them. */
  static void check(Path directory, Json files) {
    for (String name : files.keys()) {
      Path file = named(directory, name);
      if (file == null) {
        throw new CheckpointException(
            files.where()
                + ": expected names of files in its folder, found "
                + name.replace("\0", "\\u0000"));
      }
      long expected = (long) files.at(name).number("bytes", 0);
      try {
        long found = Files.isRegularFile(file) ? Files.size(file) : -1;
        if (found != expected) {
          throw changed(file, expected + " bytes", found < 0 ? "no such file" : found + " bytes");
        }
        String sum = files.at(name).text("sha256");
        if (found <= SMALL && !sum.equals(sha256(file))) {
          throw changed(file, "SHA-256 " + sum, sha256(file));
        }
      } catch (IOException e) {
        throw CheckpointException.unreadable(file, e);
      }
    }
  }

  /** A file in a folder; null for a name that leads out of it, or that no file can have. */
  private static @Nullable Path named(Path directory, String name) {
    try {
      Path file = directory.resolve(name).normalize();
      return file.startsWith(directory.normalize()) ? file : null;
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static CheckpointException changed(Path file, String expected, String found) {
    return new CheckpointException(
        String.format(
            Locale.ROOT,
            "%s: expected %s as when the bundle was made, found %s; copy or convert it again",
            file,
            expected,
            found));
  }

  /** The digest of a file in lower-case hexadecimal digits. */
  static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] piece = new byte[PIECE];
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        digest.update(piece, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
