package io.github.blip2j.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Checkpoints;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The index, over the plain-array backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class Blip2IndexTest {
  private static final List<String> IMAGES =
      List.of(
          "alpha.png",
          "anim.gif",
          "bilevel.png",
          "gray.jpg",
          "gray.png",
          "landscape.png",
          "palette.png",
          "photo.bmp",
          "photo.jpg",
          "portrait.png",
          "tiny.png");

  private final Map<String, EncodedImage> encoded = new HashMap<>();
  private Blip2 blip2;

  @BeforeAll
  void load() {
    blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
    IMAGES.forEach(name -> encoded.put(name, blip2.encode(source(name))));
  }

  @AfterAll
  void close() {
    blip2.close();
  }

  private static ImageSource source(String name) {
    return ImageSource.of(Fixtures.image(name));
  }

  private EncodedImage encoded(String name) {
    return Objects.requireNonNull(encoded.get(name));
  }

  static void fill(Blip2Index index) {
    fill(index, Blip2IndexTest::source);
  }

  private static void fill(Blip2Index index, Function<String, ? extends ImageInput> images) {
    for (String name : IMAGES) {
      String type = name.substring(name.indexOf('.') + 1);
      index.addImage(name, images.apply(name), Map.of("type", type));
    }
  }

  private List<String> exact(String text, Stream<String> among) {
    List<String> names = among.toList();
    double[][] scores =
        blip2.matcher().similarities(names.stream().map(this::encoded).toList(), List.of(text));
    return IntStream.range(0, names.size())
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -scores[i][0]))
        .map(names::get)
        .toList();
  }

  private static List<String> ids(List<Hit> hits) {
    return hits.stream().map(Hit::id).toList();
  }

  @Test
  void findsImagesByText(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index);
      assertThat(index.images()).isEqualTo(11);
      for (String text : List.of("a rocket", "two cats laying on a couch", "what color is it?")) {
        List<Hit> hits = index.images(text, SearchOptions.best(5));
        assertThat(ids(hits)).isEqualTo(exact(text, IMAGES.stream()).subList(0, 5));
        double similarity = blip2.matcher().match(source(hits.get(0).id()), text).itcSimilarity();
        assertThat(hits.get(0).similarity()).isCloseTo(similarity, within(1e-5));
        Map<String, String> png = Map.of("type", "png");
        List<Hit> filtered = index.images(text, SearchOptions.best(3).withFilter(png));
        assertThat(ids(filtered))
            .isEqualTo(exact(text, IMAGES.stream().filter(n -> n.endsWith("png"))).subList(0, 3));
        assertThat(filtered.get(0).fields()).isEqualTo(png);
      }
    }
  }

  @Test
  void matchingDecidesAmongTheMostSimilar(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      String text = "a cup of coffee";
      List<Hit> hits = index.images(text, SearchOptions.best(2), 6, Blip2IndexTest::source);
      List<String> expected =
          exact(text, IMAGES.stream()).subList(0, 6).stream()
              .sorted(
                  Comparator.comparingDouble(
                      n -> -blip2.matcher().match(encoded(n), text).itmProbability()))
              .toList();
      assertThat(ids(hits)).isEqualTo(expected.subList(0, 2));
      assertThat(hits.get(0).itmProbability()).isPresent();
    }
  }

  @Test
  void findsImagesAndTextsByImage(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      Hit same = index.images(source("photo.jpg"), SearchOptions.best(3)).get(0);
      assertThat(same.id()).isEqualTo("photo.jpg");
      assertThat(same.similarity()).isCloseTo(1, within(1e-5));
      List<String> texts = List.of("a rocket", "two cats", "a cup of coffee", "the sky");
      for (String text : texts) {
        index.addText(text, text, Map.of("text", text));
      }
      assertThat(index.texts()).isEqualTo(4);
      double[] scores = blip2.matcher().similarities(List.of(source("tiny.png")), texts)[0];
      List<String> expected =
          IntStream.range(0, 4)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -scores[i]))
              .map(texts::get)
              .toList();
      assertThat(ids(index.texts(source("tiny.png"), SearchOptions.best(4)))).isEqualTo(expected);
    }
  }

  @Test
  void replacesAndDeletes(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      index.addImage("photo.jpg", source("tiny.png"), Map.of("type", "changed"));
      assertThat(index.images()).isEqualTo(11);
      List<Hit> hits = index.images(source("tiny.png"), SearchOptions.best(11));
      assertThat(ids(hits.subList(0, 2))).containsExactlyInAnyOrder("photo.jpg", "tiny.png");
      assertThat(index.hasImage("tiny.png")).isTrue();
      index.deleteImage("tiny.png");
      index.deleteImage("never there");
      assertThat(index.hasImage("tiny.png")).isFalse();
      index.addText("tiny.png", "a text of that id", Map.of());
      assertThat(index.hasImage("tiny.png")).isFalse();
      assertThat(ids(index.images("a rocket", SearchOptions.best(20))))
          .hasSize(10)
          .doesNotContain("tiny.png");
    }
  }

  @Test
  void whatWasCommittedIsThereAgain(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      index.commit();
      index.addImage("lost", source("tiny.png"), Map.of());
      assertThat(index.images()).isEqualTo(12);
    }
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.images()).isEqualTo(11);
      assertThatThrownBy(() -> Blip2Index.open(folder, blip2))
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("lock");
    }
  }

  @Test
  void aProcessThatDiesLeavesWhatItCommitted(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Dying.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(process.waitFor()).as(output).isEqualTo(17);
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.images()).isEqualTo(11);
      assertThat(index.images("a rocket", SearchOptions.best(3))).hasSize(3);
    }
  }

  /** Commits eleven images, adds many more and dies without a word. */
  static final class Dying {
    public static void main(String[] arguments) {
      Blip2 blip2 = Blip2.load(Fixtures.directory("tiny-itm"));
      Blip2Index index = Blip2Index.open(Path.of(arguments[0]), blip2);
      fill(index);
      index.commit();
      Thread halt =
          new Thread(
              () -> {
                try {
                  Thread.sleep(50);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                Runtime.getRuntime().halt(17);
              });
      halt.start();
      float[][] vectors = blip2.encode(source("tiny.png")).projected();
      for (int i = 0; ; i++) {
        index.addVectors("more " + i, vectors, Map.of());
      }
    }
  }

  @Test
  void anIndexOfAnotherCheckpointIsRefused(@TempDir Path folder, @TempDir Path other) {
    Path changed = Checkpoints.another("tiny-itm", other, "text_projection.bias");
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      index.commit();
    }
    try (Blip2 another = Blip2.load(changed)) {
      assertThatThrownBy(() -> Blip2Index.open(folder, another))
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("expected an index of checkpoint " + another.checkpoint())
          .hasMessageContaining("found one of checkpoint " + blip2.checkpoint());
    }
    try (Blip2 writing = Blip2.load(Fixtures.directory("tiny-opt"))) {
      assertThatThrownBy(() -> Blip2Index.open(folder, writing))
          .isInstanceOf(CheckpointException.class);
    }
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.images()).isEqualTo(11);
    }
  }

  @Test
  void aCutIndexIsReported(@TempDir Path folder) throws IOException {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      fill(index, this::encoded);
      index.commit();
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.filter(f -> !f.endsWith("write.lock")).toList();
    }
    int cut = 0;
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      if (whole.length < 20) {
        continue;
      }
      Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
      assertThatThrownBy(
              () -> {
                try (Blip2Index index = Blip2Index.open(folder, blip2)) {
                  index.images("a rocket", SearchOptions.best(3));
                }
              })
          .as("%s", file)
          .isInstanceOf(IndexException.class)
          .hasMessageContaining(folder.toString());
      Files.write(file, whole);
      cut++;
    }
    assertThat(cut).isGreaterThanOrEqualTo(3);
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThat(index.images()).isEqualTo(11);
    }
  }

  @Test
  void somethingElseIsNoIndex(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "no index");
    assertThatThrownBy(() -> Blip2Index.open(folder, blip2))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("found other files");
    assertThat(folder.resolve("notes.txt")).exists();
  }

  @Test
  void optionsHaveRules(@TempDir Path folder) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchOptions.best(0))
        .withMessageContaining("limit (0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SearchOptions.best(10).withCandidates(9))
        .withMessageContaining("candidates (9)");
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> index.addVectors(" ", new float[1][20], Map.of()));
    }
  }

  /** Wrong ones, the first of an index too, do no harm to what is added later. */
  @Test
  void vectorsThatAreNotOfTheCheckpointAreRefused(@TempDir Path folder) {
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      float[] infinite = new float[20];
      infinite[19] = Float.NEGATIVE_INFINITY;
      for (float[] wrong : List.of(new float[0], new float[] {1}, new float[21], infinite)) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> index.addVectors("a", new float[][] {wrong}, Map.of()))
            .withMessageContaining("vectors");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> index.images(wrong, SearchOptions.best(1)))
            .withMessageContaining("embedding");
      }
      index.addImage("photo", source("photo.jpg"), Map.of());
      index.commit();
      SearchOptions all = SearchOptions.best(5).withCandidates(Integer.MAX_VALUE);
      assertThat(index.images("a cat", all)).extracting(Hit::id).containsExactly("photo");
    }
  }

  @Test
  void agreesWithExactSearchAmongMany(@TempDir Path folder) {
    Random random = new Random(3);
    List<float[][]> all = new ArrayList<>();
    try (Blip2Index index = Blip2Index.open(folder, blip2)) {
      for (int i = 0; i < 1000; i++) {
        all.add(vectors(random, 20));
        index.addVectors(Integer.toString(i), all.get(i), Map.of());
      }
      int agree = 0;
      for (int q = 0; q < 50; q++) {
        float[] asked = vectors(random, 20)[0];
        double[] scores = all.stream().mapToDouble(vectors -> largest(asked, vectors)).toArray();
        List<String> exact =
            IntStream.range(0, all.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .limit(10)
                .map(i -> Integer.toString(i))
                .toList();
        agree += ids(index.images(asked, SearchOptions.best(10))).equals(exact) ? 1 : 0;
      }
      assertThat(agree).isGreaterThanOrEqualTo(48);
    }
  }

  private static double largest(float[] asked, float[][] vectors) {
    double largest = -1;
    for (float[] vector : vectors) {
      double sum = 0;
      for (int i = 0; i < asked.length; i++) {
        sum += asked[i] * vector[i];
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  }

  /** Six random vectors of length 1. */
  private static float[][] vectors(Random random, int width) {
    float[][] vectors = new float[6][width];
    for (float[] vector : vectors) {
      double square = 0;
      for (int i = 0; i < width; i++) {
        vector[i] = (float) random.nextGaussian();
        square += vector[i] * vector[i];
      }
      for (int i = 0; i < width; i++) {
        vector[i] = (float) (vector[i] / Math.sqrt(square));
      }
    }
    return vectors;
  }
}
