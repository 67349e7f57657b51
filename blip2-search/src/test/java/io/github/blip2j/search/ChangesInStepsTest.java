package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.apache.lucene.index.IndexWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A change of several steps is whole for everybody else, and one that fails is none. */
@Timeout(60)
@SuppressWarnings("NullAway.Init")
class ChangesInStepsTest {
  private static final String CHECKPOINT = "a checkpoint";
  private static final long MILLIS = 300; // in which a commit that does not wait is long done

  @TempDir private Path folder;
  private LuceneIndex index;

  @BeforeEach
  void begin() {
    index = LuceneIndex.open(folder, CHECKPOINT);
    index.change(writer -> put(writer, "a", "old"));
    index.commit();
  }

  private static void put(IndexWriter writer, String id, String age) throws IOException {
    float[][] vectors = {{1, 0}};
    writer.updateDocuments(
        Documents.block(Documents.IMAGE, id),
        Documents.block(Documents.IMAGE, id, vectors, Map.of("age", age)));
  }

  private static void delete(IndexWriter writer, String id) throws IOException {
    writer.deleteDocuments(Documents.block(Documents.IMAGE, id));
    writer.flush();
  }

  /** Ids with their ages. */
  private static Map<String, String> found(LuceneIndex index) {
    return index.search(
        searcher -> {
          Map<String, String> found = new TreeMap<>();
          StoredImages.read(
              searcher, image -> found.merge(image.id(), age(image), (one, two) -> one + two));
          return found;
        });
  }

  private static String age(IndexedImage image) {
    return image.fields().getOrDefault("age", "");
  }

  private Map<String, String> committed() {
    try (LuceneIndex read = LuceneIndex.read(folder, CHECKPOINT)) {
      return found(read);
    }
  }

  @Test
  void searchesFindAllOrNothingOfIt() {
    index.change(writer -> put(writer, "b", "old"));
    List<Map<String, String>> meanwhile = new ArrayList<>();
    index.changeInSteps(
        writer -> {
          delete(writer, "a");
          meanwhile.add(found(index));
          put(writer, "a", "new");
          meanwhile.add(found(index));
        });
    Map<String, String> before = Map.of("a", "old", "b", "old");
    assertThat(meanwhile).containsExactly(before, before);
    assertThat(found(index)).isEqualTo(Map.of("a", "new", "b", "old"));
    assertThat(index.uncommitted()).isEqualTo(2);
    index.close();
  }

  /** A process that was killed between the steps would leave what a commit there had written. */
  @Test
  void commitsAndChangesWaitForItsEnd() throws Exception {
    CountDownLatch deleted = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Thread steps =
        new Thread(
            () ->
                index.changeInSteps(
                    writer -> {
                      delete(writer, "a");
                      deleted.countDown();
                      await(goOn);
                      put(writer, "a", "new");
                    }));
    Thread commit = new Thread(() -> index.commit());
    Thread change = new Thread(() -> index.change(writer -> put(writer, "a", "newest")));
    steps.start();
    deleted.await();
    commit.start();
    change.start();
    commit.join(MILLIS);
    change.join(MILLIS);
    Map<String, String> old = Map.of("a", "old");
    assertThat(committed()).isEqualTo(old);
    assertThat(found(index)).isEqualTo(old);
    goOn.countDown();
    for (Thread thread : List.of(steps, commit, change)) {
      thread.join();
    }
    assertThat(found(index)).as("once").isEqualTo(Map.of("a", "newest"));
    index.commit();
    index.close();
    assertThat(committed()).isEqualTo(Map.of("a", "newest"));
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void whatFailsHalfWayNeverLasts() {
    index.change(writer -> put(writer, "b", "old"));
    IOException full = new IOException("No space left on device");
    assertThatThrownBy(
            () ->
                index.changeInSteps(
                    writer -> {
                      delete(writer, "a");
                      throw full;
                    }))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("cannot be written")
        .hasCause(full);
    assertThat(found(index)).isEqualTo(Map.of("a", "old", "b", "old"));
    refused(() -> index.commit());
    refused(() -> index.change(writer -> put(writer, "c", "new")));
    refused(() -> index.changeInSteps(writer -> put(writer, "c", "new")));
    assertThat(found(index)).isEqualTo(Map.of("a", "old", "b", "old"));
    assertThat(index.closeAndCount()).as("b is lost, and told").isEqualTo(1);
    assertThat(committed()).isEqualTo(Map.of("a", "old"));
    try (LuceneIndex again = LuceneIndex.open(folder, CHECKPOINT)) {
      again.changeInSteps(writer -> put(writer, "c", "new"));
      again.commit();
      assertThat(found(again)).containsOnlyKeys("a", "c");
    }
  }

  private void refused(Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IndexException.class)
        .hasMessageContainingAll(
            folder.toString(), "No space left on device", "close it and open it again");
  }
}
