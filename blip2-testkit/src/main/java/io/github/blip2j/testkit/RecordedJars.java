package io.github.blip2j.testkit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The jars of other projects that this one was reviewed with: their paths in a repository and their
 * SHA-256, as {@code sha256sum} and Maven's resolver write them. What Maven 3.9 does whenever it
 * resolves something, this does for a class path, whatever put it together.
 */
public final class RecordedJars {
  private static final String WHAT_TO_DO =
      "if a version was changed on purpose, record it: .ci/checksums verify, then look at the"
          + " difference and commit it; if not, do not run that jar";

  /** Jars of this project, where a build makes them and where it installs them. */
  private static final Pattern OWN =
      Pattern.compile(
          "/(blip2-[^/]+)/target/\\1-[^/]+\\.jar$"
              + "|/io/github/blip2j/(blip2-[^/]+)/[^/]+/\\2-[^/]+\\.jar$");

  private final Path file;
  private final Map<String, String> sums = new LinkedHashMap<>();

  private RecordedJars(Path file) {
    this.file = file;
  }

  /** Reads a record: on each line a sum, two spaces and a path with slashes. */
  public static RecordedJars read(Path file) throws IOException {
    RecordedJars record = new RecordedJars(file);
    for (String line : Files.readAllLines(file)) {
      String[] parts = line.split(" {2}", 2);
      if (parts.length == 2) {
        record.sums.put(parts[1], parts[0]);
      }
    }
    return record;
  }

  /**
   * Compares every jar of a class path with the record. Folders are not compared, nor jars of this
   * project: those in a module's {@code target} and those in a repository under {@code
   * io/github/blip2j}.
   *
   * @param classPath as {@code java.class.path} has it
   * @return how many jars were as recorded
   * @throws AssertionError if a jar is not in the record, or another than it says; names all such
   */
  public int check(String classPath) throws IOException {
    List<Path> jars =
        Stream.of(classPath.split(Pattern.quote(File.pathSeparator)))
            .filter(entry -> entry.endsWith(".jar"))
            .map(Path::of)
            .filter(jar -> !OWN.matcher(place(jar)).find())
            .toList();
    StringBuilder faults = new StringBuilder();
    for (Path jar : jars) {
      fault(jar).ifPresent(fault -> faults.append('\n').append(jar).append(": ").append(fault));
    }
    if (!faults.isEmpty()) {
      throw new AssertionError(
          "expected jars as in " + file + ", found" + faults + "\n" + WHAT_TO_DO);
    }
    return jars.size();
  }

  private Optional<String> fault(Path jar) throws IOException {
    String place = place(jar);
    Optional<String> recorded =
        sums.keySet().stream().filter(p -> place.endsWith("/" + p)).findAny();
    if (recorded.isEmpty()) {
      return Optional.of("not recorded");
    }
    String expected = sums.get(recorded.get());
    String found = sum(jar);
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of("SHA-256 " + found + ", recorded " + expected);
  }

  /** The whole path, with slashes. */
  private static String place(Path jar) {
    return jar.toAbsolutePath().toString().replace(File.separatorChar, '/');
  }

  private static String sum(Path jar) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(jar), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
