package io.github.blip2j.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Native libraries that lie in a jar and belong into one folder.
 *
 * @param folder its name below the folder of all native libraries, such as {@code
 *     tokenizers/0.20-cpu}
 * @param files where each lies in the jar, by its name in the folder
 */
public record Libraries(String folder, Map<String, URL> files) {
  private static final String CHECKED = "checked";
  private static final String PARTIAL = ".partial";

  /** Copies the map, in its order. */
  public Libraries {
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
  }

  /**
   * Those of some files that a class loader finds.
   *
   * @param folder as of the record
   * @param resources names of resources by name in the folder
   * @param loader null for the system's
   * @return those that were found, in the order of {@code resources}
   */
  public static Libraries found(
      String folder, Map<String, String> resources, @Nullable ClassLoader loader) {
    ClassLoader from = loader == null ? ClassLoader.getSystemClassLoader() : loader;
    Map<String, URL> files = new LinkedHashMap<>();
    resources.forEach(
        (name, resource) -> {
          URL url = from.getResource(resource);
          if (url != null) {
            files.put(name, url);
          }
        });
    return new Libraries(folder, files);
  }

  /**
   * Unpacks what is not there, or is not what the jar has. A file that was once compared, and has
   * not been touched since by its times and size, is not read again: PyTorch has 450 MB.
   *
   * @param root the folder of all native libraries
   * @return the folder
   * @throws IOException if a file cannot be read or written
   */
  Path unpack(Path root) throws IOException {
    Path target = Files.createDirectories(root.resolve(folder));
    sweep(target);
    Path checked = target.resolve(CHECKED);
    List<String> known = Files.exists(checked) ? Files.readAllLines(checked) : List.of();
    List<String> now = new ArrayList<>();
    for (Map.Entry<String, URL> file : files.entrySet()) {
      Path library = target.resolve(file.getKey());
      Content content = Content.of(file.getValue());
      if (!(known.contains(stamp(library, content)) || content.equals(contentOf(library)))) {
        write(file.getValue(), content, library);
      }
      now.add(stamp(library, content));
    }
    if (!known.containsAll(now) && Files.isWritable(target)) {
      Files.write(checked, now);
    }
    return target;
  }

  /** What the jar has, and when the file was last touched in any way. */
  private static String stamp(Path library, Content content) throws IOException {
    if (!Files.isRegularFile(library, LinkOption.NOFOLLOW_LINKS)) {
      return "none";
    }
    boolean unix = library.getFileSystem().supportedFileAttributeViews().contains("unix");
    Object times =
        unix
            ? Files.getAttribute(library, "unix:ctime")
            : Files.getLastModifiedTime(library, LinkOption.NOFOLLOW_LINKS);
    return String.join(" ", library.getFileName().toString(), content.toString(), times.toString());
  }

  private static void write(URL source, Content content, Path library) throws IOException {
    Path partial =
        Files.createTempFile(library.getParent(), library.getFileName().toString(), PARTIAL);
    try {
      try (InputStream in = source.openStream();
          OutputStream out = Files.newOutputStream(partial)) {
        Content written = Content.copied(in, out);
        if (!written.equals(content)) {
          throw new IOException(source + ": expected " + content + ", found " + written);
        }
      }
      Files.move(
          partial, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Deletes what is left of processes that were killed; another may be writing just now. */
  private static void sweep(Path folder) throws IOException {
    Instant longAgo = Instant.now().minus(Duration.ofHours(1));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(PARTIAL)).toList()) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(longAgo)
            && Files.isWritable(folder)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static @Nullable Content contentOf(Path library) throws IOException {
    if (!Files.isRegularFile(library, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    try (InputStream in = Files.newInputStream(library)) {
      return Content.copied(in, OutputStream.nullOutputStream());
    }
  }

  /** A file's size and check sum, which a jar keeps of each of its entries. */
  private record Content(long bytes, long crc) {
    static Content of(URL url) throws IOException {
      URLConnection connection = url.openConnection();
      connection.setUseCaches(false);
      if (connection instanceof JarURLConnection jar) {
        JarFile opened = jar.getJarFile();
        try {
          JarEntry entry = jar.getJarEntry();
          if (entry != null && entry.getSize() >= 0 && entry.getCrc() >= 0) {
            return new Content(entry.getSize(), entry.getCrc());
          }
        } finally {
          opened.close(); // not shared: caches are off
        }
      }
      try (InputStream in = url.openStream()) {
        return copied(in, OutputStream.nullOutputStream());
      }
    }

    static Content copied(InputStream in, OutputStream out) throws IOException {
      CheckedInputStream checked = new CheckedInputStream(in, new CRC32());
      byte[] piece = new byte[1 << 18];
      long bytes = 0;
      for (int n = checked.read(piece); n >= 0; n = checked.read(piece)) {
        out.write(piece, 0, n);
        bytes += n;
      }
      return new Content(bytes, checked.getChecksum().getValue());
    }
  }
}
