package io.github.blip2j.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder is seen whole or not at all, whatever becomes of the process that makes it. */
class NewFolderTest {
  @TempDir Path around;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(around)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void itAppearsWithAllThatIsInItWhenItIsCommitted() throws IOException {
    Path target = around.resolve("made");
    try (NewFolder folder = new NewFolder(target)) {
      Files.createDirectory(folder.folder().resolve("inner"));
      Files.writeString(folder.folder().resolve("inner").resolve("file"), "text");
      assertThat(target).doesNotExist();
      assertThat(names()).hasSize(1).allMatch(n -> n.startsWith(".made."));
      folder.commit();
      assertThat(target.resolve("inner").resolve("file")).hasContent("text");
    }
    assertThat(names()).containsExactly("made");
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files).containsExactly(target.resolve("inner")); // the lock is gone
    }
  }

  @Test
  void whatIsNotCommittedLeavesNothing() throws IOException {
    try (NewFolder folder = new NewFolder(around.resolve("made"))) {
      Files.writeString(folder.folder().resolve("file"), "text");
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void whatIsThereIsNotTouched() throws IOException {
    Path file = Files.writeString(around.resolve("file"), "mine");
    Path folder = Files.createDirectory(around.resolve("empty"));
    for (Path taken : List.of(file, folder)) {
      assertThatThrownBy(() -> new NewFolder(taken).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("expected a name that is free, found something there");
    }
    assertThat(file).hasContent("mine");
    assertThat(names()).containsExactly("empty", "file");
  }

  /** Something may take the name while the folder is being filled. */
  @Test
  void aNameThatWasTakenMeanwhileIsRefused() throws IOException {
    Path target = around.resolve("made");
    try (NewFolder folder = new NewFolder(target)) {
      Files.writeString(target, "mine");
      assertThatThrownBy(folder::commit).hasMessageContaining("found something there");
    }
    assertThat(target).hasContent("mine");
    assertThat(names()).containsExactly("made");
  }

  /** Two that make the same at once: neither sweeps the other, and the first to finish wins. */
  @Test
  void oneThatIsBeingFilledIsNotSwept() throws IOException {
    Path target = around.resolve("made");
    try (NewFolder first = new NewFolder(target);
        NewFolder second = new NewFolder(target)) {
      Files.writeString(first.folder().resolve("file"), "first");
      Files.writeString(second.folder().resolve("file"), "second");
      second.commit();
      assertThatThrownBy(first::commit).isInstanceOf(CheckpointException.class);
    }
    assertThat(target.resolve("file")).hasContent("second");
    assertThat(names()).containsExactly("made");
  }

  /** As after a kill: the folder is there, and nobody holds its lock. */
  @Test
  void whatADeadProcessLeftIsSwept() throws IOException {
    Path dead = Files.createDirectory(around.resolve(".made.1234.partial"));
    Files.writeString(dead.resolve(".lock"), "");
    Files.writeString(dead.resolve("model.safetensors"), "half");
    Path before = Files.createDirectory(around.resolve(".made.without-lock.partial"));
    Path other = Files.createDirectory(around.resolve(".other.1234.partial"));
    Path mine = Files.createDirectory(around.resolve(".made.mine"));
    try (NewFolder folder = new NewFolder(around.resolve("made"))) {
      assertThat(dead).doesNotExist();
      assertThat(before).doesNotExist();
      assertThat(other).exists(); // another target's
      assertThat(mine).exists();
      folder.commit();
    }
    assertThat(names()).containsExactly(".made.mine", ".other.1234.partial", "made");
  }

  /** A process that makes the same folder, gives up and leaves: what it swept is gone then. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) {
      new NewFolder(Path.of(arguments[0])).close();
    }
  }

  /**
   * A process loses its lock on a file when it closes the file anywhere: whoever looks for what is
   * forgotten must not open the folders of its own process.
   */
  @Test
  void anotherProcessSweepsNothingOfThisOne() throws Exception {
    Path target = around.resolve("made");
    try (NewFolder folder = new NewFolder(target)) {
      Files.writeString(folder.folder().resolve("file"), "text");
      new NewFolder(target).close(); // looks for what is forgotten
      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  OtherProcess.class.getName(),
                  target.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(other.waitFor()).isZero();
      assertThat(folder.folder().resolve("file")).hasContent("text");
      folder.commit();
    }
    assertThat(target.resolve("file")).hasContent("text");
    assertThat(names()).containsExactly("made");
  }

  /** Files may take minutes to come to the disk, and others keep away until they have. */
  @Test
  void theLockIsHeldUntilAllIsOnTheDisk() throws IOException {
    try (NewFolder folder = new NewFolder(around.resolve("made"))) {
      Files.createSymbolicLink(folder.folder().resolve("file"), Path.of("nowhere"));
      assertThatThrownBy(folder::commit)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("cannot be written");
      assertThat(folder.folder().resolve(".lock")).exists();
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void theFolderAroundIsMade() {
    Path target = around.resolve("a").resolve("b");
    try (NewFolder folder = new NewFolder(target)) {
      folder.commit();
    }
    assertThat(target).isDirectory();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsSaid() throws IOException {
    Path file = Files.writeString(around.resolve("file"), "");
    assertThatThrownBy(() -> new NewFolder(file.resolve("made")).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cannot be written");
  }
}
