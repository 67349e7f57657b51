package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A class path is held against a record that {@code sha256sum} could have written. */
class RecordedJarsTest {
  private static final String OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path folder;
  private Path known;
  private Path record;

  @BeforeEach
  void oneJarIsRecorded() throws IOException {
    known = jar("repository/org/example/known/1.0/known-1.0.jar", "abc");
    record =
        Files.write(
            folder.resolve("checksums.sha256"),
            List.of("# what was reviewed", OF_ABC + "  org/example/known/1.0/known-1.0.jar"));
  }

  private Path jar(String place, String content) throws IOException {
    Path jar = folder.resolve(place);
    Files.createDirectories(jar.getParent());
    return Files.writeString(jar, content);
  }

  private int check(Path... entries) throws IOException {
    return RecordedJars.read(record)
        .check(
            Stream.of(entries).map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
  }

  /** Folders of classes and the project's own jars, which a build makes anew, are not counted. */
  @Test
  void whatIsAsRecordedPasses() throws IOException {
    Path own = jar("blip2-api/target/blip2-api-0.1.0-SNAPSHOT.jar", "ours");
    Path installed = jar("repository/io/github/blip2j/blip2-api/0.1.0/blip2-api-0.1.0.jar", "ours");
    assertThat(check(known, folder.resolve("target/classes"), own, installed)).isEqualTo(1);
  }

  /** A jar that calls itself as ours do is another's, unless it lies where a build puts ours. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "repository/org/stranger/blip2-api/0.1.0/blip2-api-0.1.0.jar",
        "repository/io/github/blip2j/stranger/0.1.0/blip2-api-0.1.0.jar",
        "blip2-cli/target/blip2-api-0.1.0.jar",
        "blip2-cli/target/lib/blip2-cli-0.1.0.jar",
        "downloads/blip2-api-0.1.0.jar"
      })
  void aNameAloneMakesNoJarOurs(String place) throws IOException {
    Path stranger = jar(place, "abc");
    assertThatThrownBy(() -> check(known, stranger))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(stranger + ": not recorded");
  }

  @Test
  void aTamperedJarIsNamedWithBothSums() throws IOException {
    Files.writeString(known, "abd");
    assertThatThrownBy(() -> check(known))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(known.toString(), "recorded " + OF_ABC, "do not run that jar");
  }

  @Test
  void aChangedVersionSaysHowToRecordIt() throws IOException {
    Path newer = jar("repository/org/example/known/1.1/known-1.1.jar", "abc");
    Path another = jar("repository/org/example/other/1.0/other-1.0.jar", "abc");
    assertThatThrownBy(() -> check(newer, known, another))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll(
            newer + ": not recorded", another + ": not recorded", ".ci/checksums verify")
        .hasMessageNotContaining("known-1.0.jar");
  }

  /** The same file name of another group is another jar. */
  @Test
  void aJarIsKnownByItsWholePath() throws IOException {
    Path stranger = jar("repository/org/stranger/known/1.0/known-1.0.jar", "abc");
    assertThatThrownBy(() -> check(stranger)).hasMessageContaining("not recorded");
  }
}
