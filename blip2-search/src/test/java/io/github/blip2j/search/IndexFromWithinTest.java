package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is handed images uses the index that hands them out. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class IndexFromWithinTest {
  private static final long MILLIS = 60_000; // after which threads wait for each other

  private Blip2 blip2;
  private float[][] vectors;

  @BeforeAll
  void load() {
    blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
    vectors = blip2.encode(ImageSource.of(Fixtures.image("tiny.png"))).projected();
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private Blip2Index filled(Path folder, String... ids) {
    Blip2Index index = Blip2Index.open(folder, blip2);
    for (String id : ids) {
      index.addVectors(id, vectors, Map.of());
    }
    index.commit();
    return index;
  }

  /** Runs something in a thread that may hang, and gives what it threw. */
  private static @Nullable Throwable thrown(Runnable call) {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread thread = daemon(call);
    thread.setUncaughtExceptionHandler((t, e) -> thrown.set(e));
    thread.start();
    try {
      thread.join(MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(thread.isAlive()).as("waits for ever").isFalse();
    return thrown.get();
  }

  private static Thread daemon(Runnable call) {
    Thread thread = new Thread(call);
    thread.setDaemon(true);
    return thread;
  }

  private static void startAndLetWait(Thread thread) {
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aReaderSearchesAndChangesTheIndex(@TempDir Path folder) {
    Blip2Index index = filled(folder.resolve("own"), "a", "b");
    Path other = folder.resolve("other");
    filled(other, "c").close();
    List<Integer> counts = new ArrayList<>();
    Throwable thrown =
        thrown(
            () ->
                index.forEachImage(
                    image -> {
                      index.deleteImage(image.id());
                      index.merge(other);
                      counts.add(index.images());
                      index.commit();
                    }));
    assertThat(thrown).isNull();
    assertThat(counts).containsExactly(2, 1);
    index.close();
  }

  /** The closing waits for the reader, so the reader must not wait behind it. */
  @Test
  void aReaderUsesAnIndexThatAnotherThreadIsClosing(@TempDir Path folder) {
    Blip2Index index = filled(folder, "a", "b", "c");
    Thread closing = daemon(index::close);
    List<@Nullable Throwable> refused = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    Throwable thrown =
        thrown(
            () ->
                index.forEachImage(
                    image -> {
                      if (counts.isEmpty()) {
                        startAndLetWait(closing);
                        refused.add(thrown(index::images));
                      }
                      index.deleteImage(image.id());
                      counts.add(index.images());
                      index.commit();
                    }));
    assertThat(thrown).isNull();
    assertThat(counts).containsExactly(2, 1, 0);
    assertThat(refused).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(thrown(() -> join(closing))).isNull();
    assertThat(thrown(index::images)).hasMessageContaining("has been closed");
    try (Blip2Index again = Blip2Index.openReadOnly(folder, blip2)) {
      assertThat(again.images()).as("what the reader committed").isZero();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void aReaderDoesNotCloseTheIndex(@TempDir Path folder) {
    Blip2Index index = filled(folder, "a");
    for (Runnable close : List.<Runnable>of(index::close, index::discard)) {
      assertThat(thrown(() -> index.forEachImage(image -> close.run())))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll(folder.toString(), "must not be closed by");
    }
    assertThat(index.images()).as("still open").isEqualTo(1);
    index.close();
  }
}
