package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Order and digest of the examples, and the file of encoded images. */
class TrainingPartsTest {
  private static int[] round(ExampleOrder order, int from, int count) {
    return IntStream.range(from, from + count).map(order::at).toArray();
  }

  @Test
  void eachExampleComesOnceInEveryRound() {
    ExampleOrder order = new ExampleOrder(50, 3);
    int[] all = IntStream.range(0, 50).toArray();
    int[] first = round(order, 0, 50);
    int[] second = round(order, 50, 50);
    assertThat(first).isNotEqualTo(all).isNotEqualTo(second);
    assertThat(Arrays.stream(first).sorted().toArray()).isEqualTo(all);
    assertThat(Arrays.stream(second).sorted().toArray()).isEqualTo(all);
  }

  /** Whoever goes on in a later round finds the same order. */
  @Test
  void theOrderFollowsFromSeedAndRoundAlone() {
    int[] second = round(new ExampleOrder(50, 3), 50, 50);
    ExampleOrder order = new ExampleOrder(50, 3);
    round(order, 0, 77);
    assertThat(round(order, 50, 50)).isEqualTo(second);
    assertThat(round(new ExampleOrder(50, 4), 50, 50)).isNotEqualTo(second);
  }

  private static String digest(String file, @Nullable String prompt, String text) {
    ImageSource image = ImageSource.of(Path.of(file));
    return ExampleDigest.of(List.of(new TrainingExample(image, prompt, text)));
  }

  /** Folders do not count, nor does where a text begins. */
  @Test
  void examplesAreToldApart() {
    String one = digest("one/a.png", "a", "photo");
    assertThat(one).startsWith("1 of digest ").isEqualTo(digest("two/a.png", "a", "photo"));
    assertThat(
            Set.of(
                one,
                digest("one/b.png", "a", "photo"),
                digest("one/a.png", "a", "picture"),
                digest("one/a.png", "aphoto", "photo"),
                digest("one/a.png", "", "aphoto"),
                digest("one/a.png", null, "aphoto")))
        .hasSize(6);
  }

  @Test
  void encodedImagesComeBackInAnyOrder() {
    try (FeatureFile file = new FeatureFile()) {
      for (int i = 0; i < 5; i++) {
        file.add(new float[] {i, i + 0.5f});
      }
      assertThat(file.count()).isEqualTo(5);
      assertThat(file.read(new int[] {4, 0, 4})).containsExactly(4, 4.5f, 0, 0.5f, 4, 4.5f);
      assertThatThrownBy(() -> file.add(new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 2 numbers of an image, found 3");
    }
  }
}
