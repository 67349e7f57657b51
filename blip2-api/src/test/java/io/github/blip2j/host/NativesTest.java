package io.github.blip2j.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.BackendUnavailableException;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway") // every path here has folders above it
class NativesTest {
  private static final byte[] BYTES = "some library's code".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private Path cache;
  private Libraries libraries;

  @BeforeEach
  void makeJar() throws IOException {
    cache = folder.resolve("cache");
    Path jar = folder.resolve("some.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("native/libsome.so"));
      out.write(BYTES);
    }
    URL url = URI.create("jar:" + jar.toUri() + "!/native/libsome.so").toURL();
    libraries = new Libraries("some/1.0", Map.of("libsome.so", url));
  }

  private Path library() {
    return Natives.start("some", cache, root -> libraries, Natives.Place::folder)
        .resolve("libsome.so");
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void librariesLieInTheCacheForTheirOwnerAlone() throws IOException {
    assertThat(library()).isEqualTo(cache.resolve("natives/some/1.0/libsome.so"));
    assertThat(library()).hasBinaryContent(BYTES);
    assertThat(mode(cache.resolve("natives"))).isEqualTo("rwx------");
    assertThat(mode(library())).isEqualTo("rw-------");
  }

  @Test
  void aFileThatIsNotTheJarsIsReplaced() throws IOException {
    Path library = library();
    Files.write(library, new byte[BYTES.length]); // zeroed, of the same size
    assertThat(library()).hasBinaryContent(BYTES);
    Files.write(library, new byte[] {1, 2});
    assertThat(library()).hasBinaryContent(BYTES);
    Files.delete(library);
    Files.createSymbolicLink(library, Files.write(folder.resolve("planted"), BYTES));
    assertThat(library()).isRegularFile().hasBinaryContent(BYTES);
    assertThat(Files.isSymbolicLink(library)).isFalse();
  }

  /** Size and time of modification as they were: a changed file is found all the same. */
  @Test
  void aChangeThatHidesItsTimeIsFound() throws IOException {
    Path library = library();
    FileTime time = Files.getLastModifiedTime(library);
    Files.write(library, new byte[BYTES.length]);
    Files.setLastModifiedTime(library, time);
    assertThat(library()).hasBinaryContent(BYTES);
  }

  @Test
  void whatKilledProcessesLeftIsSwept() throws IOException {
    Path partial = Files.createFile(library().resolveSibling("libsome.so123.partial"));
    library();
    assertThat(partial).exists(); // of another process at work, perhaps
    Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    library();
    assertThat(partial).doesNotExist();
  }

  /** What another user may have planted is not loaded; this user has a folder of its own then. */
  @Test
  void aFolderThatOthersCanWriteToIsNotUsed() throws IOException {
    Path planted = Files.createDirectories(cache.resolve("natives/some/1.0"));
    Files.write(planted.resolve("libsome.so"), new byte[] {1});
    Files.setPosixFilePermissions(
        cache.resolve("natives"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Path library = library();
    assertThat(library).hasBinaryContent(BYTES);
    assertThat(library.startsWith(cache.resolve("natives"))).isFalse();
    assertThat(library.startsWith(cache)).isTrue();
    assertThat(mode(above(library, 3))).isEqualTo("rwx------");
    assertThat(planted.resolve("libsome.so")).hasBinaryContent(new byte[] {1});
  }

  private static Path above(Path file, int folders) {
    Path above = file;
    for (int i = 0; i < folders; i++) {
      above = java.util.Objects.requireNonNull(above.getParent(), "a folder");
    }
    return above;
  }

  @Test
  void aCacheThatCannotBeWrittenGivesAFolderThatNobodyCanGuess() throws IOException {
    cache = Files.createFile(folder.resolve("a-file")).resolve("cache");
    Path library = library();
    assertThat(library).hasBinaryContent(BYTES);
    Path top = above(library, 4);
    assertThat(top.getFileName().toString()).matches("blip2-\\d{6,}");
    assertThat(mode(top)).isEqualTo("rwx------");
  }

  /** As for a second class loader, or a folder on a disk whose files must not be run. */
  @Test
  void aFolderThatIsToBlameIsLeftForTheNext() {
    List<Path> tried = new ArrayList<>();
    Natives.start(
        "some",
        cache,
        root -> libraries,
        place -> {
          tried.add(place.root());
          if (tried.size() == 1) {
            throw new UnsatisfiedLinkError("libsome.so: failed to map segment from shared object");
          }
          return true;
        });
    assertThat(tried).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void theReasonNamesTheFolderAndKeepsTheCause() {
    UnsatisfiedLinkError cause = new UnsatisfiedLinkError("libsome.so: file too short");
    assertThatThrownBy(
            () ->
                Natives.start(
                    "some",
                    cache,
                    root -> libraries,
                    place -> {
                      throw cause;
                    }))
        .isInstanceOf(BackendUnavailableException.class)
        .hasCause(cause)
        .hasMessage(
            "some: native libraries cannot be loaded: "
                + cache.resolve("natives")
                + ": libsome.so: file too short");
  }

  @Test
  void oldTemporaryFoldersThatNobodyUsesAreSwept() throws IOException {
    Path old = Files.createDirectory(folder.resolve("onnxruntime-java11"));
    Path used = Files.createDirectory(folder.resolve("onnxruntime-java12"));
    Path fresh = Files.createDirectory(folder.resolve("onnxruntime-java13"));
    Path other = Files.createDirectory(folder.resolve("onnxruntime-java-mine"));
    for (Path each : List.of(old, used, other)) {
      Files.createFile(each.resolve("libonnxruntime.so"));
      Files.setLastModifiedTime(each, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }
    Path process = Files.createDirectories(folder.resolve("proc/77"));
    Files.writeString(process.resolve("maps"), "7f00-7f01 r-xp " + used + "/libonnxruntime.so\n");
    OldTemporaryFolders.sweep(folder, "onnxruntime-java", folder.resolve("proc"));
    assertThat(old).doesNotExist();
    assertThat(used.resolve("libonnxruntime.so")).exists();
    assertThat(fresh).exists();
    assertThat(other).exists();
  }
}
