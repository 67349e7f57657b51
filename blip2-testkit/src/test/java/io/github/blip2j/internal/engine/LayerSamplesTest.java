package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.spi.LayerInputs.Samples;
import io.github.blip2j.stage.LayerTaps;
import io.github.blip2j.testkit.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However many texts are heard, a bounded and even sample of them stays, and then nothing. */
class LayerSamplesTest {
  @TempDir Path folder;

  private final LayerTaps taps = taps();

  private static LayerTaps taps() {
    LanguageProgram language = Checkpoint.open(Fixtures.directory("tiny-opt")).program().language();
    return LayerTaps.of(language.encoder(), language.decoder(), language.weights().names());
  }

  private String layer() {
    return taps.taps().get(0).layers().iterator().next();
  }

  /** Every number of a vector is the vector's own number, counted from {@code first}. */
  private LayerListening.Heard heard(int first, int span, int front) {
    float[][] all = new float[taps.taps().size()][];
    for (int i = 0; i < all.length; i++) {
      int width = taps.taps().get(i).width();
      all[i] = new float[span * width];
      for (int v = 0; v < span; v++) {
        Arrays.fill(all[i], v * width, (v + 1) * width, (float) (first + v));
      }
    }
    return new LayerListening.Heard(all, span, front);
  }

  private static Set<Integer> numbers(Samples samples) {
    Set<Integer> numbers = new HashSet<>();
    for (int i = 0; i < samples.count(); i++) {
      float number = samples.values()[i * samples.width()];
      for (int k = 0; k < samples.width(); k++) {
        assertThat(samples.values()[i * samples.width() + k]).isEqualTo(number); // whole vectors
      }
      numbers.add((int) number);
    }
    return numbers;
  }

  @Test
  void fewAreKeptAsTheyCome() {
    try (LayerSamples samples = new LayerSamples(taps, folder)) {
      assertThat(samples.of(layer())).isEmpty(); // nothing was heard yet
      samples.add(heard(0, 5, 2), false);
      samples.add(heard(10, 5, 2), true); // the image's two positions are known
      samples.add(heard(20, 5, 2), false);
      Samples found = samples.of(layer()).orElseThrow();
      assertThat(numbers(found))
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 12, 13, 14, 20, 21, 22, 23, 24);
      assertThat(found.width()).isEqualTo(taps.taps().get(0).width());
      assertThat(samples.of("no such layer")).isEmpty();
    }
  }

  @Test
  void layersThatAreGivenTheSameHaveTheSame() {
    LayerTaps.Tap shared =
        taps.taps().stream().filter(t -> t.layers().size() > 1).findFirst().orElseThrow();
    try (LayerSamples samples = new LayerSamples(taps, folder)) {
      samples.add(heard(0, 5, 0), false);
      Samples first = samples.of(shared.layers().iterator().next()).orElseThrow();
      for (String layer : shared.layers()) {
        assertThat(samples.of(layer).orElseThrow()).isSameAs(first);
      }
    }
  }

  @Test
  void ofManyAnEvenSampleStaysAndThenNothing() throws IOException {
    Set<Integer> kept;
    try (LayerSamples samples = new LayerSamples(taps, folder)) {
      for (int text = 0; text < 100; text++) {
        samples.add(heard(text * 40, 40, 0), false);
      }
      Samples found = samples.of(layer()).orElseThrow();
      assertThat(found.count()).isEqualTo(LayerSamples.MOST);
      kept = numbers(found);
      assertThat(kept).hasSize(LayerSamples.MOST);
      long early = kept.stream().filter(n -> n < 2000).count();
      assertThat(early).isBetween(LayerSamples.MOST * 2L / 5, LayerSamples.MOST * 3L / 5);
    }
    assertThat(folder).isEmptyDirectory();
    try (LayerSamples again = new LayerSamples(taps, folder)) {
      for (int text = 0; text < 100; text++) {
        again.add(heard(text * 40, 40, 0), false);
      }
      assertThat(numbers(again.of(layer()).orElseThrow())).isEqualTo(kept);
    }
  }

  @Test
  void aFolderThatCannotBeIsSaid() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "no folder");
    assertThatThrownBy(() -> new LayerSamples(taps, file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cannot be written");
  }
}
