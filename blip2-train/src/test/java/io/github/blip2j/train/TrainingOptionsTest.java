package io.github.blip2j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.image.ImageSource;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The learning rate's way, and numbers that nothing could be trained with. */
class TrainingOptionsTest {
  private static final TrainingOptions OPTIONS = TrainingOptions.defaults();

  @Test
  void theRateRisesInALineAndFallsAlongACosine() {
    TrainingOptions.Rates rates = new TrainingOptions.Rates(1, 0.2, 4);
    assertThat(rates.at(0, 12)).isEqualTo(0.25);
    assertThat(rates.at(3, 12)).isEqualTo(1);
    assertThat(rates.at(4, 12)).isEqualTo(1);
    assertThat(rates.at(8, 12)).isCloseTo(0.6, within(1e-12)); // half way
    assertThat(rates.at(12, 12)).isCloseTo(0.2, within(1e-12));
    assertThat(rates.at(20, 12)).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void withoutAWarmUpItBeginsAtTheTop() {
    TrainingOptions.Rates rates = new TrainingOptions.Rates(1, 0, 0);
    assertThat(rates.at(0, 2)).isEqualTo(1);
    assertThat(rates.at(1, 2)).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void eachCopyChangesItsOwn() {
    TrainingOptions changed =
        OPTIONS
            .withSteps(3)
            .withBatches(5, 2)
            .withDecayAndClip(0, 0)
            .withEvery(new TrainingOptions.Every(1, 2))
            .withSeed(9);
    assertThat(changed.steps()).isEqualTo(3);
    assertThat(changed.batchSize()).isEqualTo(5);
    assertThat(changed.accumulation()).isEqualTo(2);
    assertThat(changed.weightDecay()).isZero();
    assertThat(changed.clipNorm()).isZero();
    assertThat(changed.every().save()).isEqualTo(2);
    assertThat(changed.seed()).isEqualTo(9);
    assertThat(changed.rates()).isEqualTo(OPTIONS.rates());
  }

  private static void refused(Supplier<?> made, String message) {
    assertThatThrownBy(made::get)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    refused(() -> OPTIONS.withSteps(0), "steps (0.0) must be at least 1");
    refused(() -> OPTIONS.withBatches(0, 1), "batchSize (0.0)");
    refused(() -> OPTIONS.withBatches(1, 0), "accumulation (0.0)");
    refused(() -> OPTIONS.withDecayAndClip(-1, 1), "weightDecay (-1.0)");
    refused(() -> OPTIONS.withDecayAndClip(0, Double.NaN), "clipNorm (NaN)");
    refused(() -> new TrainingOptions.Rates(0, 0, 0), "highest (0.0) must be above 0");
    refused(() -> new TrainingOptions.Rates(1, 2, 0), "at least last (2.0)");
    refused(() -> new TrainingOptions.Rates(1, 0, -1), "warmUp (-1.0)");
    refused(() -> new TrainingOptions.Every(-1, 0), "validation (-1.0)");
    refused(() -> LoraOptions.defaults().withRank(0), "rank (0) must be at least 1");
    refused(() -> LoraOptions.defaults().withAlpha(0), "alpha (0.0) must be above 0");
    refused(() -> LoraOptions.defaults().withLayers(List.of()), "layers must name at least one");
    ImageSource none = ImageSource.of(new byte[0]);
    refused(() -> TrainingExample.caption(none, " "), "text must have letters");
  }
}
