package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Images come out of an index as they went in, and indexes of several processes become one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class IndexMergeTest {
  private static final List<String> IMAGES =
      List.of("alpha.png", "gray.jpg", "landscape.png", "photo.jpg", "portrait.png", "tiny.png");
  private static final SearchOptions ALL = SearchOptions.best(20);

  private Blip2 blip2;

  @TempDir private Path folder;

  @BeforeAll
  void load() {
    blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private Path filled(String name, List<String> images, String shard) {
    Path directory = folder.resolve(name);
    try (Blip2Index index = Blip2Index.open(directory, blip2)) {
      for (String image : images) {
        index.addImage(image, ImageSource.of(Fixtures.image(image)), Map.of("shard", shard));
      }
      index.addText("text of " + shard, "a dog", Map.of());
      index.commit();
    }
    return directory;
  }

  private static Map<String, IndexedImage> read(Blip2Index index) {
    Map<String, IndexedImage> images = new HashMap<>();
    index.forEachImage(image -> assertThat(images.put(image.id(), image)).isNull());
    return images;
  }

  @Test
  void imagesComeOutAsTheyWentIn() {
    try (Blip2Index index = Blip2Index.open(filled("whole", IMAGES, "1"), blip2)) {
      index.deleteImage("gray.jpg");
      index.addImage("photo.jpg", ImageSource.of(Fixtures.image("tiny.png")), Map.of("again", "y"));
      Map<String, IndexedImage> images = read(index);
      assertThat(images).hasSize(5).doesNotContainKey("gray.jpg");
      for (IndexedImage image : images.values()) {
        boolean again = image.id().equals("photo.jpg");
        String source = again ? "tiny.png" : image.id();
        assertThat(image.vectors())
            .isDeepEqualTo(blip2.encode(ImageSource.of(Fixtures.image(source))).projected());
        assertThat(image.fields()).isEqualTo(again ? Map.of("again", "y") : Map.of("shard", "1"));
      }
      index.discard();
    }
  }

  @Test
  void aReaderThatThrowsEndsTheReading() {
    try (Blip2Index index = Blip2Index.openReadOnly(filled("thrown", IMAGES, "1"), blip2)) {
      List<String> seen = new ArrayList<>();
      assertThatThrownBy(
              () ->
                  index.forEachImage(
                      image -> {
                        seen.add(image.id());
                        throw new IllegalArgumentException("no more");
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no more");
      assertThat(seen).hasSize(1);
      assertThat(read(index)).hasSize(6);
    }
  }

  @Test
  void shardsBecomeOneIndexThatFindsAsOneThatWasFilledAtOnce() {
    Path first = filled("first", IMAGES.subList(0, 3), "1");
    Path second = filled("second", IMAGES.subList(3, 6), "2");
    Path whole = filled("at once", IMAGES, "3");
    Path merged = folder.resolve("merged");
    try (Blip2Index index = Blip2Index.open(merged, blip2)) {
      index.merge(first);
      index.merge(second);
      index.commit();
    }
    try (Blip2Index index = Blip2Index.openReadOnly(merged, blip2);
        Blip2Index expected = Blip2Index.openReadOnly(whole, blip2)) {
      assertThat(index.images()).isEqualTo(6);
      assertThat(index.texts()).isEqualTo(2);
      for (String text : List.of("a rocket", "two cats")) {
        List<Hit> hits = index.images(text, ALL);
        List<Hit> all = expected.images(text, ALL);
        assertThat(hits).extracting(Hit::id).isEqualTo(all.stream().map(Hit::id).toList());
        assertThat(hits)
            .extracting(Hit::similarity)
            .isEqualTo(all.stream().map(Hit::similarity).toList());
      }
      assertThat(index.images("a rocket", ALL.withFilter(Map.of("shard", "2")))).hasSize(3);
    }
  }

  private static Map<String, String> fields(Map<String, IndexedImage> images, int of) {
    return Objects.requireNonNull(images.get(IMAGES.get(of)), "an image").fields();
  }

  /** A task that ran twice has filled two shards with the same images. */
  @Test
  void whatComesReplacesWhatHasTheSameId() {
    Path old = filled("old", IMAGES, "old");
    Path fresh = filled("fresh", IMAGES.subList(0, 2), "fresh");
    try (Blip2Index index = Blip2Index.open(old, blip2)) {
      index.merge(fresh);
      index.merge(fresh);
      assertThat(index.images()).isEqualTo(6);
      assertThat(index.uncommitted()).isEqualTo(2);
      Map<String, IndexedImage> images = read(index);
      assertThat(fields(images, 0)).containsEntry("shard", "fresh");
      assertThat(fields(images, 5)).containsEntry("shard", "old");
      index.discard();
    }
    try (Blip2Index index = Blip2Index.openReadOnly(old, blip2)) {
      assertThat(fields(read(index), 0))
          .as("nothing lasts that was not committed")
          .containsEntry("shard", "old");
    }
  }

  /** Lucene's dictionary of ids has those of deleted documents too. */
  @Test
  void whatTheOtherHasDeletedTakesNothingAway() {
    Path mine = filled("mine alone", IMAGES.subList(0, 1), "mine");
    Path other = filled("one deleted", IMAGES, "other");
    try (Blip2Index index = Blip2Index.open(other, blip2)) {
      index.deleteImage(IMAGES.get(0));
      index.commit();
    }
    try (Blip2Index index = Blip2Index.open(mine, blip2)) {
      index.merge(other);
      Map<String, IndexedImage> images = read(index);
      assertThat(images.keySet()).containsExactlyInAnyOrderElementsOf(IMAGES);
      assertThat(fields(images, 0)).containsEntry("shard", "mine");
      assertThat(fields(images, 1)).containsEntry("shard", "other");
      index.discard();
    }
  }

  /** Stands in the way of files that Lucene would make, as a full disk would. */
  private static void obstruct(Path index) throws IOException {
    for (int i = 0; i < Character.MAX_RADIX; i++) {
      Path segment = index.resolve("_" + Integer.toString(i, Character.MAX_RADIX) + ".si");
      if (!Files.exists(segment)) {
        Files.createFile(segment);
      }
    }
  }

  @Test
  void aMergeThatFailsHalfWayTakesNothingAway() throws IOException {
    Path old = filled("stays", IMAGES, "old");
    Path fresh = filled("does not arrive", IMAGES.subList(0, 2), "fresh");
    try (Blip2Index index = Blip2Index.open(old, blip2)) {
      obstruct(old);
      assertThatThrownBy(() -> index.merge(fresh))
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("cannot be written");
      assertThat(fields(read(index), 0)).containsEntry("shard", "old");
      assertThatThrownBy(index::commit)
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("close it and open it again");
    }
    try (Blip2Index index = Blip2Index.open(old, blip2)) {
      assertThat(index.images()).isEqualTo(6);
      assertThat(fields(read(index), 0)).containsEntry("shard", "old");
      index.merge(fresh); // nothing is in the way any more: what nobody needs has been swept
      assertThat(fields(read(index), 0)).containsEntry("shard", "fresh");
      index.discard();
    }
  }

  @Test
  void whatIsNoSuchIndexIsRefusedAndHarmsNothing() throws IOException {
    Path mine = filled("mine", IMAGES.subList(0, 2), "1");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path foreign = folder.resolve("foreign");
    try (Blip2 other =
            Blip2.load(
                Checkpoints.another("tiny-itm", folder.resolve("other"), "text_projection.bias"));
        Blip2Index index = Blip2Index.open(foreign, other)) {
      index.commit();
    }
    try (Blip2Index index = Blip2Index.open(mine, blip2)) {
      for (Path wrong : List.of(folder.resolve("none"), empty, foreign)) {
        assertThatThrownBy(() -> index.merge(wrong))
            .isInstanceOf(IndexException.class)
            .hasMessageContaining(wrong.toString());
      }
      assertThatThrownBy(() -> index.merge(mine)).isInstanceOf(IndexException.class);
      assertThat(index.images()).isEqualTo(2);
      index.discard();
    }
    try (Blip2Index index = Blip2Index.openReadOnly(mine, blip2)) {
      assertThatThrownBy(() -> index.merge(foreign)).isInstanceOf(IllegalStateException.class);
    }
  }
}
