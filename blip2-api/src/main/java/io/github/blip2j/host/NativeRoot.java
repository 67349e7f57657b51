package io.github.blip2j.host;

import io.github.blip2j.internal.hub.Locations;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The folders in which native libraries may lie. One that another user could have written to is not
 * used, since what lies there is run.
 */
final class NativeRoot {
  private static final String NAME = "natives";
  private static final int OTHERS_WRITE = 0022;

  private NativeRoot() {}

  /**
   * In the order in which they are tried: the cache folder's, the cache folder's for this user if
   * the first is somebody else's, and one that this process alone uses.
   */
  static List<Supplier<Path>> of(Path cache) {
    List<Supplier<Path>> roots = new ArrayList<>();
    roots.add(() -> cache.toAbsolutePath().resolve(NAME));
    roots.add(() -> cache.toAbsolutePath().resolve(NAME + "-" + user()));
    roots.add(() -> Locations.ofProcess().unwritable().get().resolve(NAME));
    return roots;
  }

  /**
   * Makes a folder for this user alone, or checks that nobody else can write to the one that is
   * there. The system administrator's will do too: it may have come with a container's image.
   *
   * @throws IOException if it is another's, or others can write to it, or it cannot be made
   */
  static void secure(Path root) throws IOException {
    Files.createDirectories(root.getParent());
    if (!root.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Files.createDirectories(root); // of the user's own folder, by the rules of Windows
      return;
    }
    try {
      Files.createDirectory(
          root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      secureExisting(root);
    }
  }

  private static void secureExisting(Path root) throws IOException {
    Map<String, Object> found =
        Files.readAttributes(root, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
    if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(root + ": expected a folder, found a file or link");
    }
    int mode = (Integer) Objects.requireNonNull(found.get("mode"));
    Object owner = Objects.requireNonNull(found.get("uid"));
    if (!(owner.equals(user()) || owner.equals(0)) || (mode & OTHERS_WRITE) != 0) {
      throw new IOException(
          root
              + ": expected a folder of user "
              + user()
              + " that nobody else can write to, found one of user "
              + owner
              + " with mode "
              + Integer.toOctalString(mode & 07777));
    }
  }

  /** This process' user, as the file system knows it: there may be no account of that number. */
  private static Object user() {
    try {
      Path self = Path.of("/proc/self");
      if (Files.exists(self)) {
        return Files.getAttribute(self, "unix:uid");
      }
      Path probe = Files.createTempFile("blip2-", ".probe");
      try {
        return Files.getAttribute(probe, "unix:uid");
      } finally {
        Files.delete(probe);
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "other";
    }
  }
}
