package io.github.blip2j.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.EmbeddingSearchResult;
import dev.langchain4j.store.embedding.filter.MetadataFilterBuilder;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.langchain4j.Blip2ImageStore.ImageMatch;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Over a store that searches exactly, the bridge finds what comparing everything finds. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2ImageStoreTest {
  private static final String TEXT = "a red circle";

  private final Blip2 blip2 = Demo.matcher();

  @AfterAll
  void close() {
    blip2.close();
  }

  private Blip2ImageStore samples(InMemoryEmbeddingStore<TextSegment> entries) {
    Blip2ImageStore store = new Blip2ImageStore(blip2, entries);
    for (int i = 0; i < 6; i++) {
      store.add("scene " + i, Demo.image(i), Map.of("number", i));
    }
    return store;
  }

  @Test
  void similaritiesAreTheMatchersLargest() {
    Blip2ImageStore store = samples(new InMemoryEmbeddingStore<>());
    List<ImageSource> images = IntStream.range(0, 6).mapToObj(Demo::image).toList();
    double[][] expected = blip2.matcher().similarities(images, List.of(TEXT));
    List<ImageMatch> found = store.search(TEXT, 10);
    assertThat(found).hasSize(6).isSortedAccordingTo(byFalling());
    for (ImageMatch match : found) {
      int number = (Integer) Objects.requireNonNull(match.metadata().get("number"));
      assertThat(match.id()).isEqualTo("scene " + number);
      assertThat(match.similarity()).isCloseTo(expected[number][0], within(1e-5));
      assertThat(match.metadata()).containsOnlyKeys("number");
    }
  }

  private static Comparator<ImageMatch> byFalling() {
    return Comparator.comparingDouble(ImageMatch::similarity).reversed();
  }

  /** All vectors of one image may stand in front of the first of the next. */
  @Test
  void moreIsAskedForUntilThereAreEnoughImages() {
    int width = blip2.embedder().text(TEXT).embedding().length;
    float[] query = blip2.embedder().text(TEXT).embedding();
    CountingStore entries = new CountingStore();
    Blip2ImageStore store = new Blip2ImageStore(blip2, entries);
    float[][] same = new float[32][];
    Arrays.setAll(same, i -> query.clone());
    store.add("same", same, Map.of());
    Random random = new Random(5);
    float[][][] others = new float[9][][];
    for (int i = 0; i < others.length; i++) {
      others[i] = unit(random, 32, width);
      store.add("other " + i, others[i], Map.of());
    }
    List<ImageMatch> found = store.search(TEXT, 4);
    assertThat(found.get(0).id()).isEqualTo("same");
    List<Integer> order =
        IntStream.range(0, others.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -largest(query, others[i])))
            .toList();
    for (int i = 0; i < 3; i++) {
      assertThat(found.get(i + 1).id()).isEqualTo("other " + order.get(i));
    }
    assertThat(entries.searches).isGreaterThan(1);
  }

  private static float[][] unit(Random random, int rows, int width) {
    float[][] vectors = new float[rows][width];
    for (float[] vector : vectors) {
      double square = 0;
      for (int i = 0; i < width; i++) {
        vector[i] = (float) random.nextGaussian();
        square += vector[i] * vector[i];
      }
      for (int i = 0; i < width; i++) {
        vector[i] /= (float) Math.sqrt(square);
      }
    }
    return vectors;
  }

  private static double largest(float[] query, float[][] vectors) {
    return Arrays.stream(vectors)
        .mapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i] * query[i]).sum())
        .max()
        .orElseThrow();
  }

  /** Counts how often it is asked. */
  private static final class CountingStore extends InMemoryEmbeddingStore<TextSegment> {
    int searches;

    @Override
    public EmbeddingSearchResult<TextSegment> search(EmbeddingSearchRequest request) {
      searches++;
      return super.search(request);
    }
  }

  @Test
  void filtersAndForeignEntriesAreRespected() {
    InMemoryEmbeddingStore<TextSegment> entries = new InMemoryEmbeddingStore<>();
    Blip2ImageStore store = samples(entries);
    entries.add(
        Embedding.from(blip2.embedder().text(TEXT).embedding()),
        TextSegment.from("a text, not an image", new Metadata()));
    assertThat(store.search(TEXT, 9)).hasSize(6);
    assertThat(store.search(TEXT, 9, MetadataFilterBuilder.metadataKey("number").isLessThan(2)))
        .extracting(ImageMatch::id)
        .containsExactlyInAnyOrder("scene 0", "scene 1");
  }

  @Test
  void anImageIsRemovedWithAllItsVectors() {
    Blip2ImageStore store = samples(new InMemoryEmbeddingStore<>());
    store.remove("scene 3", blip2.encode(Demo.image(3)).projected().length);
    store.remove("never added", 32);
    assertThat(store.search(TEXT, 9))
        .hasSize(5)
        .extracting(ImageMatch::id)
        .doesNotContain("scene 3");
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    Blip2ImageStore store = new Blip2ImageStore(blip2, new InMemoryEmbeddingStore<>());
    assertThatIllegalArgumentException().isThrownBy(() -> store.search(TEXT, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> store.add(" ", Demo.image(0), Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.add("none", new float[0][], Map.of()));
    assertThat(store.search(TEXT, 3)).isEmpty();
  }
}
