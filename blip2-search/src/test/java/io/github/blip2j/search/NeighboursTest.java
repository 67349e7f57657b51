package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.apache.lucene.index.CorruptIndexException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks of vectors without a model: the hits are those of comparing all of them. */
class NeighboursTest {
  private static final int WIDTH = 8;
  private static final int IMAGES = 120;
  private static final int MOST_QUERIES = 4;
  private static final double CLOSE = 1e-5;
  private static final String CHECKPOINT = "a checkpoint of this test";

  @TempDir Path folder;

  private final SplittableRandom random = new SplittableRandom(12);
  private final Neighbours images = new Neighbours(Documents.IMAGE, Documents.IMAGE_VECTOR);
  private final Neighbours texts = new Neighbours(Documents.TEXT, Documents.TEXT_VECTOR);
  private final Map<String, float[][]> held = new LinkedHashMap<>();
  private LuceneIndex lucene;

  @BeforeEach
  void open() {
    lucene = LuceneIndex.open(folder.resolve("index"), CHECKPOINT);
  }

  @AfterEach
  void close() {
    lucene.close();
  }

  private float[] vector() {
    float[] vector = new float[WIDTH];
    double sum = 0;
    for (int i = 0; i < WIDTH; i++) {
      vector[i] = (float) random.nextGaussian();
      sum += vector[i] * vector[i];
    }
    for (int i = 0; i < WIDTH; i++) {
      vector[i] /= (float) Math.sqrt(sum);
    }
    return vector;
  }

  private static String parity(String id) {
    return id.hashCode() % 2 == 0 ? "even" : "odd";
  }

  private static Map<String, String> fields(String id) {
    return Map.of("parity", parity(id), "name", "of " + id);
  }

  private void put(String kind, String id, float[][] vectors) {
    lucene.change(
        writer ->
            writer.updateDocuments(
                Documents.block(kind, id), Documents.block(kind, id, vectors, fields(id))));
  }

  private void put(String id) {
    float[][] vectors = new float[1 + random.nextInt(MOST_QUERIES)][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = vector();
    }
    put(Documents.IMAGE, id, vectors);
    held.put(id, vectors);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static double largest(float[] asked, Iterable<float[]> vectors) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float[] vector : vectors) {
      largest = Math.max(largest, dot(asked, vector));
    }
    return largest;
  }

  private List<Hit> find(float[] asked, SearchOptions options) {
    return lucene.search(
        searcher -> images.find(searcher, new float[][] {asked}, v -> largest(asked, v), options));
  }

  /** Ids by a comparison with everything that is held. */
  private List<String> nearest(float[] asked, int count, String parity) {
    return held.entrySet().stream()
        .filter(e -> parity.isEmpty() || parity(e.getKey()).equals(parity))
        .sorted(
            Comparator.comparingDouble(
                    (Map.Entry<String, float[][]> e) -> largest(asked, List.of(e.getValue())))
                .reversed())
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }

  private static List<String> ids(List<Hit> hits) {
    return hits.stream().map(Hit::id).toList();
  }

  private void assertExact(int count) {
    for (int i = 0; i < 10; i++) {
      float[] asked = vector();
      List<Hit> hits = find(asked, SearchOptions.best(count));
      assertThat(ids(hits)).isEqualTo(nearest(asked, count, ""));
      for (Hit hit : hits) {
        double similarity = largest(asked, List.of(Objects.requireNonNull(held.get(hit.id()))));
        assertThat(hit.similarity()).isCloseTo(similarity, within(CLOSE));
        assertThat(hit.fields()).isEqualTo(fields(hit.id()));
        assertThat(hit.itmProbability()).isEmpty();
      }
    }
  }

  @Test
  void hitsAreTheNearestOfAllInEverySegment() {
    for (int i = 0; i < IMAGES; i++) {
      put("image " + i);
      if (i % 37 == 36) {
        lucene.commit(); // a segment ends here
      }
    }
    assertExact(1);
    assertExact(7);
    assertExact(IMAGES + 10);
  }

  @Test
  void replacedAndDeletedBlocksAreFoundNoMore() {
    for (int i = 0; i < IMAGES; i++) {
      put("image " + i);
    }
    lucene.commit();
    for (int i = 0; i < IMAGES; i += 3) {
      put("image " + i); // with other vectors, and another number of them
    }
    for (int i = 1; i < IMAGES; i += 3) {
      String id = "image " + i;
      lucene.change(writer -> writer.deleteDocuments(Documents.block(Documents.IMAGE, id)));
      held.remove(id);
    }
    assertExact(5);
    assertExact(IMAGES);
  }

  @Test
  void aFilterHoldsForEveryHit() {
    for (int i = 0; i < IMAGES; i++) {
      put("image " + i);
    }
    float[] asked = vector();
    SearchOptions even = SearchOptions.best(9).withFilter(Map.of("parity", "even"));
    assertThat(ids(find(asked, even))).isEqualTo(nearest(asked, 9, "even"));
    SearchOptions both =
        SearchOptions.best(9).withFilter(Map.of("parity", "odd", "name", "of image 4"));
    boolean odd = parity("image 4").equals("odd");
    assertThat(ids(find(asked, both))).isEqualTo(odd ? List.of("image 4") : List.of());
    assertThat(find(asked, SearchOptions.best(9).withFilter(Map.of("parity", "none")))).isEmpty();
  }

  @Test
  void kindsAreApartEvenUnderOneId() {
    float[] asked = vector();
    put(Documents.TEXT, "same", new float[][] {asked});
    put("same");
    assertThat(find(asked, SearchOptions.best(5))).hasSize(1);
    List<Hit> found =
        lucene.search(
            s ->
                texts.find(
                    s, new float[][] {asked}, v -> largest(asked, v), SearchOptions.best(5)));
    assertThat(found).hasSize(1);
    assertThat(found.get(0).similarity()).isCloseTo(1, within(CLOSE));
    lucene.change(writer -> writer.deleteDocuments(Documents.block(Documents.TEXT, "same")));
    assertThat(find(asked, SearchOptions.best(5))).as("only the text was deleted").hasSize(1);
  }

  @Test
  void severalVectorsAreAskedForTogetherAndEachBlockIsGivenWhole() {
    for (int i = 0; i < IMAGES; i++) {
      put("image " + i);
    }
    float[][] asked = {vector(), vector(), vector()};
    List<Integer> sizes = new ArrayList<>();
    List<Hit> hits =
        lucene.search(
            s ->
                images.find(
                    s,
                    asked,
                    vectors -> {
                      sizes.add(vectors.size());
                      double sum = 0;
                      for (float[] one : asked) {
                        sum += largest(one, vectors);
                      }
                      return sum / asked.length;
                    },
                    new SearchOptions(4, 3 * IMAGES, Map.of())));
    assertThat(sizes).contains(1, MOST_QUERIES).allMatch(n -> n >= 1 && n <= MOST_QUERIES);
    List<String> expected =
        held.entrySet().stream()
            .sorted(
                Comparator.comparingDouble(
                    e -> {
                      double sum = 0;
                      for (float[] one : asked) {
                        sum -= largest(one, List.of(e.getValue()));
                      }
                      return sum;
                    }))
            .limit(4)
            .map(Map.Entry::getKey)
            .toList();
    assertThat(ids(hits)).isEqualTo(expected);
  }

  @Test
  void equalSimilaritiesAreInTheOrderOfTheirIds() {
    float[] one = vector();
    for (String id : List.of("c", "a", "d", "b")) {
      put(Documents.IMAGE, id, new float[][] {one});
    }
    assertThat(ids(find(one, SearchOptions.best(3)))).containsExactly("a", "b", "c");
  }

  @Test
  void anEmptyIndexFindsNothing() {
    assertThat(find(vector(), SearchOptions.best(3))).isEmpty();
  }

  @Test
  void aSimilarityThatIsNoNumberIsDamage() {
    put("a");
    assertThatThrownBy(
            () ->
                lucene.search(
                    s ->
                        images.find(
                            s,
                            new float[][] {vector()},
                            vectors -> Double.NaN,
                            SearchOptions.best(1))))
        .isInstanceOf(IndexException.class)
        .hasCauseInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("cannot be searched")
        .hasMessageContaining("expected finite vectors");
  }
}
