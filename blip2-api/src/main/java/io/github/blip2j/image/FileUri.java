package io.github.blip2j.image;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;

/** What a {@code file:} URI names (RFC 8089), as long as it is on this machine. */
final class FileUri {
  private FileUri() {}

  /**
   * The path of an address, which is not looked at. On Windows, one with a host would be opened
   * over the network, with this user's name and password.
   *
   * @throws IllegalArgumentException if it has another host than localhost, or names no path
   */
  static Path path(URI address) {
    return path(address, File.separatorChar);
  }

  /** As {@link #path(URI)} of a system with that separator: on Windows two of them name a host. */
  static Path path(URI address, char separator) {
    String host = address.getAuthority() == null ? "" : address.getAuthority();
    boolean local = host.isEmpty() || host.equalsIgnoreCase("localhost");
    String path = address.getPath();
    boolean share =
        separator == '\\'
            && path != null
            && path.length() > 1
            && isSlash(path, 0)
            && isSlash(path, 1);
    if (!local || share) {
      throw new IllegalArgumentException(
          address + ": expected a file of this machine, such as file:///folder/image.png");
    }
    return Path.of(host.isEmpty() ? address : URI.create("file://" + address.getRawPath()));
  }

  private static boolean isSlash(String path, int at) {
    return path.charAt(at) == '/' || path.charAt(at) == '\\';
  }
}
