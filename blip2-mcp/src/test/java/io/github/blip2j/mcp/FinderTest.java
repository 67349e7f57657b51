package io.github.blip2j.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searching folders that change, and an index that has more than may be shown. */
class FinderTest {
  private static final String QUERY = "a yellow circle";

  private static Blip2 matching;

  @TempDir Path root;
  private Path folder;
  private final AtomicLong clock = new AtomicLong();

  @BeforeAll
  static void load() {
    matching = Demo.matcher();
  }

  @AfterAll
  static void close() {
    matching.close();
  }

  @BeforeEach
  void fill() throws IOException {
    folder = Demo.fill(root.toRealPath().resolve("photos"));
  }

  private FolderFinder finder(long ticks) {
    return new FolderFinder(
        matching,
        new AllowedImages(List.of(folder)),
        Duration.ofNanos(ticks),
        clock::incrementAndGet);
  }

  private List<String> names(Finder.Found found) {
    return found.hits().stream()
        .map(Hit::id)
        .map(id -> folder.relativize(Path.of(id)).toString())
        .toList();
  }

  @Test
  void everyImageIsFoundWithTheIndexesSimilarity() {
    try (Finder finder = finder(1000)) {
      Finder.Found found = finder.find(QUERY, 10);
      assertThat(names(found)).hasSize(Demo.SCENES).contains("0.png", "5.png");
      assertThat(found.searched()).isEqualTo(Demo.SCENES);
      assertThat(found.left()).isZero();
      Hit best = found.hits().get(0);
      double alone =
          matching.matcher().match(ImageSource.of(Path.of(best.id())), QUERY).itcSimilarity();
      assertThat(best.similarity()).isCloseTo(alone, org.assertj.core.api.Assertions.within(1e-4));
      assertThat(finder.find(QUERY, 2).hits()).hasSize(2).startsWith(best);
    }
  }

  @Test
  void whatChangesIsFoundAnew() throws IOException {
    try (Finder finder = finder(1000)) {
      Hit before = finder.find(QUERY, 1).hits().get(0);
      Path best = Path.of(before.id());
      Files.delete(best);
      assertThat(names(finder.find(QUERY, 10))).doesNotContain(best.getFileName().toString());
      Files.createDirectories(folder.resolve("new"));
      Files.write(folder.resolve("new/image.png"), Demo.scene(0));
      assertThat(names(finder.find(QUERY, 10))).contains("new/image.png");
      // The same name with what the best one showed, and a later time.
      int scene = Integer.parseInt(best.getFileName().toString().substring(0, 1));
      Path changed = Files.write(folder.resolve("new/image.png"), Demo.scene(scene));
      Files.setLastModifiedTime(changed, FileTime.fromMillis(1_000_000));
      Finder.Found found = finder.find(QUERY, 1);
      assertThat(names(found)).containsExactly("new/image.png");
      assertThat(found.hits().get(0).similarity()).isEqualTo(before.similarity());
    }
  }

  /** Assistants do not wait for a large folder: each search goes on where the last one ended. */
  @Test
  void aSearchLooksAtSomeImagesAndSaysHowManyAreLeft() {
    try (Finder finder = finder(1)) { // the clock moves by one for each image
      assertThat(finder.find(QUERY, 10))
          .returns(2, Finder.Found::searched)
          .returns(4, Finder.Found::left);
      assertThat(finder.find(QUERY, 10).left()).isEqualTo(2);
      assertThat(finder.find(QUERY, 10).left()).isZero();
      assertThat(finder.find(QUERY, 10))
          .returns(Demo.SCENES, Finder.Found::searched)
          .returns(0, Finder.Found::left);
    }
  }

  @Test
  void whatIsNoImageIsCounted() throws IOException {
    Files.writeString(folder.resolve("broken.png"), "no image");
    try (Finder finder = finder(1000)) {
      assertThat(finder.find(QUERY, 10))
          .returns(1, Finder.Found::unreadable)
          .returns(Demo.SCENES, Finder.Found::searched);
      Files.write(folder.resolve("broken.png"), Demo.scene(0));
      assertThat(finder.find(QUERY, 10))
          .returns(0, Finder.Found::unreadable)
          .returns(Demo.SCENES + 1, Finder.Found::searched);
    }
  }

  /** The clock is read after each image: then the last one is exchanged for a link. */
  @Test
  void whatBecomesALinkBeforeItIsReadIsPassedOver() throws IOException {
    Path last = folder.resolve("5.png");
    Path outside = Files.write(root.toRealPath().resolve("secret.png"), Demo.scene(5));
    LongSupplier exchanging =
        () -> {
          if (clock.incrementAndGet() == 2) {
            exchange(last, outside);
          }
          return clock.get();
        };
    AllowedImages images = new AllowedImages(List.of(folder));
    try (Finder finder = new FolderFinder(matching, images, Duration.ofNanos(1000), exchanging)) {
      Finder.Found found = finder.find(QUERY, 10);
      assertThat(names(found)).hasSize(Demo.SCENES - 1).doesNotContain("5.png");
      assertThat(found.unreadable()).isEqualTo(1);
      assertThat(finder.find(QUERY, 10)).returns(0, Finder.Found::unreadable);
    }
  }

  private static void exchange(Path file, Path target) {
    try {
      Files.delete(file);
      Files.createSymbolicLink(file, target);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFolderThatCannotBeOpenedStopsNoSearch() throws IOException {
    try (TooDeep deep = new TooDeep(folder);
        Finder finder = finder(1000)) {
      Files.write(deep.top().resolve("new.png"), Demo.scene(0));
      assertThat(finder.find(QUERY, 10)).returns(Demo.SCENES + 1, Finder.Found::searched);
    }
  }

  @Test
  void anIndexThatCannotBeRemovedIsClosedAllTheSame() throws IOException {
    FolderFinder finder = finder(1000);
    finder.find(QUERY, 1);
    try (TooDeep deep = new TooDeep(finder.directory())) {
      finder.close();
      assertThat(deep.top()).exists();
    }
    finder.close(); // now it can
    assertThat(finder.directory()).doesNotExist();
  }

  @Test
  void itsIndexGoesWithIt() {
    FolderFinder finder = finder(1000);
    finder.find(QUERY, 1);
    assertThat(finder.directory()).isNotEmptyDirectory();
    finder.close();
    assertThat(finder.directory()).doesNotExist();
  }

  @Test
  void anEmptyFolderHasNothing() throws IOException {
    folder = Files.createDirectories(root.toRealPath().resolve("empty"));
    try (Finder finder = finder(1000)) {
      assertThat(finder.find(QUERY, 10)).isEqualTo(new Finder.Found(List.of(), 0, 0, 0));
    }
  }

  /** The best of the index lie elsewhere: they are passed over, and the next are found. */
  @Test
  void ofAnIndexOnlyAllowedImagesAreFound() throws IOException {
    Path elsewhere = Demo.fill(root.toRealPath().resolve("elsewhere"));
    Path directory = root.resolve("index");
    try (Blip2Index index = Blip2Index.open(directory, matching)) {
      for (int i = 0; i < Demo.SCENES; i++) {
        for (Path place : List.of(elsewhere, folder)) {
          Path file = place.resolve(i + ".png");
          index.addImage(file.toString(), ImageSource.of(file), Map.of());
        }
      }
      index.commit();
      AllowedImages images = new AllowedImages(List.of(folder));
      try (Finder finder = new IndexFinder(directory, matching, images)) {
        assertThat(names(finder.find(QUERY, 1))).hasSize(1);
        assertThat(finder.find(QUERY, 10).hits())
            .hasSize(Demo.SCENES)
            .allMatch(hit -> Path.of(hit.id()).startsWith(folder));
        Files.delete(folder.resolve("0.png")); // the index does not know
        assertThat(names(finder.find(QUERY, 10))).hasSize(Demo.SCENES - 1);
      }
      AllowedImages none = new AllowedImages(List.of(Files.createDirectory(root.resolve("none"))));
      try (Finder finder = new IndexFinder(directory, matching, none)) {
        assertThat(finder.find(QUERY, 3).hits()).isEmpty();
      }
    }
  }
}
