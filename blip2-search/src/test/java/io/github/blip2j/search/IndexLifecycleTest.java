package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts, threads, readers and closing, over the plain-array backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class IndexLifecycleTest {
  private Blip2 blip2;
  private float[][] vectors;
  private float[] asked;

  @BeforeAll
  void load() {
    blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
    vectors = blip2.encode(ImageSource.of(Fixtures.image("tiny.png"))).projected();
    asked = blip2.embedder().text("a rocket").embedding();
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private void add(Blip2Index index, String id) {
    index.addVectors(id, vectors, Map.of("id", id));
  }

  private interface Call {
    void on(Blip2Index index);
  }

  /** An interrupt while a file is read or written closes the file for all, were it not for us. */
  @Test
  void anInterruptDestroysNothing(@TempDir Path folder) throws Exception {
    List<Call> calls =
        List.of(
            index -> add(index, "next"),
            index -> index.images(asked, SearchOptions.best(3)),
            Blip2Index::images,
            Blip2Index::commit,
            index -> index.deleteImage("next"));
    try (Blip2Index index = interrupted(() -> Blip2Index.open(folder, blip2))) {
      add(index, "before");
      for (int round = 0; round < 5; round++) {
        add(index, "kept " + round);
        for (Call call : calls) {
          interrupted(
              () -> {
                call.on(index);
                return "";
              });
        }
      }
      assertThat(index.images()).isEqualTo(6);
      interrupted(
          () -> {
            index.commit();
            return "";
          });
      assertThat(index.uncommitted()).isZero();
    }
    try (Blip2Index index = interrupted(() -> Blip2Index.openReadOnly(folder, blip2))) {
      assertThat(index.images()).isEqualTo(6);
    }
  }

  /** Calls while the thread is interrupted, and sees that it still is. */
  private static <R> R interrupted(java.util.concurrent.Callable<R> call) throws Exception {
    Thread.currentThread().interrupt();
    try {
      return call.call();
    } finally {
      assertThat(Thread.interrupted()).as("interrupted still").isTrue();
    }
  }

  @Test
  void closingWaitsForCallsAndRefusesLaterOnes(@TempDir Path folder) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      for (int round = 0; round < 10; round++) {
        Blip2Index index = Blip2Index.open(folder.resolve("round " + round), blip2);
        CountDownLatch going = new CountDownLatch(4);
        List<Future<?>> users = new ArrayList<>();
        List<Call> calls =
            List.of(
                i -> add(i, "a"),
                i -> i.images(asked, SearchOptions.best(3)),
                Blip2Index::commit,
                i -> i.deleteImage("a"));
        for (Call call : calls) {
          users.add(threads.submit(() -> useForEver(index, call, going)));
        }
        going.await();
        index.discard();
        index.close();
        for (Future<?> user : users) {
          user.get();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static Object useForEver(Blip2Index index, Call call, CountDownLatch going) {
    try {
      while (true) {
        call.on(index);
        going.countDown();
      }
    } catch (IllegalStateException e) {
      return assertThat(e).hasMessageContaining("has been closed");
    }
  }

  @Test
  void readersNeedNoLockAndSeeWhatIsCommitted(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      add(index, "first");
      index.commit();
      try (Blip2Index reader = Blip2Index.openReadOnly(folder, blip2);
          Blip2Index another = Blip2Index.openReadOnly(folder, blip2)) {
        assertThat(reader.images()).isEqualTo(1);
        add(index, "second");
        assertThat(reader.images()).isEqualTo(1);
        index.commit();
        assertThat(reader.images()).isEqualTo(2);
        assertThat(another.images(asked, SearchOptions.best(5))).hasSize(2);
        List<Call> changes =
            List.of(
                i -> add(i, "third"),
                i -> i.deleteImage("first"),
                i -> i.addText("text", "a text", Map.of()),
                Blip2Index::commit);
        for (Call change : changes) {
          assertThatIllegalStateException()
              .isThrownBy(() -> change.on(reader))
              .withMessageContaining("only read");
        }
        assertThat(reader.uncommitted()).isZero();
      }
    }
  }

  @Test
  void readingLeavesTheDirectoryAsItIs(@TempDir Path folder) throws IOException {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      add(index, "first");
      index.commit();
    }
    Files.delete(folder.resolve("write.lock"));
    List<String> before = files(folder);
    try (Blip2Index index = Blip2Index.openReadOnly(folder, blip2)) {
      assertThat(index.images(asked, SearchOptions.best(5))).hasSize(1);
      assertThat(files(folder)).isEqualTo(before);
    }
    assertThat(files(folder)).isEqualTo(before);
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> Blip2Index.openReadOnly(missing, blip2))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("found no directory");
    assertThat(missing).doesNotExist();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Blip2Index.openReadOnly(empty, blip2))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("found none");
    assertThat(files(empty)).isEmpty();
  }

  private static List<String> files(Path folder) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        found.add(file.getFileName() + " " + Files.getLastModifiedTime(file));
      }
    }
    return found;
  }

  @Test
  void whatIsNotCommittedIsCounted(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.uncommitted()).isZero();
      add(index, "a");
      index.deleteImage("b");
      assertThat(index.uncommitted()).isEqualTo(2);
      index.commit();
      assertThat(index.uncommitted()).isZero();
      add(index, "c");
      index.discard();
    }
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.images()).isEqualTo(1);
    }
  }

  @Test
  void closingWithoutCommitSaysSo(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Forgetful.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).as(output).isZero();
    // Of three indexes one; Java and Lucene may warn of other things.
    assertThat(output.lines().filter(line -> line.contains("closed with")))
        .singleElement()
        .asString()
        .contains("WARNING", "lost")
        .contains("closed with 3 changes that were not committed");
  }

  /** Closes one index with changes, one without, and drops those of a third. */
  static final class Forgetful {
    public static void main(String[] arguments) {
      Path folder = Path.of(arguments[0]);
      try (Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"))) {
        float[][] vectors = blip2.encode(ImageSource.of(Fixtures.image("tiny.png"))).projected();
        try (Blip2Index lost = Blip2Index.open(folder.resolve("lost"), blip2);
            Blip2Index kept = Blip2Index.open(folder.resolve("kept"), blip2);
            Blip2Index dropped = Blip2Index.open(folder.resolve("dropped"), blip2)) {
          for (Blip2Index index : List.of(lost, kept, dropped)) {
            index.addVectors("a", vectors, Map.of());
            index.addVectors("b", vectors, Map.of());
            index.deleteImage("a");
          }
          kept.commit();
          dropped.discard();
        }
      }
    }
  }
}
