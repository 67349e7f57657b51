package io.github.blip2j.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a model is said to take of private memory is what is copied of its weights. */
class OnnxPrivateBytesTest {
  private static final Checkpoint CHECKPOINT = Checkpoint.open(Fixtures.directory("tiny-opt"));
  private static final ModelProgram PROGRAM = CHECKPOINT.program();
  private static final Precisions FLOAT32 = Precisions.of(Precision.FLOAT32);

  private static long bytes(Precisions precisions, WeightLayout layout, @Nullable Precision draft) {
    Execution execution =
        new Execution(Device.CPU, 1, layout, precisions, Optional.ofNullable(draft));
    return new OnnxBackend()
        .privateBytes(new LoadRequest(CHECKPOINT, execution, Path.of("cache"), LoadListener.NONE));
  }

  @Test
  void mappedWeightsAreNobodysOwn() {
    assertThat(bytes(FLOAT32, WeightLayout.MAPPED, null)).isZero();
  }

  @Test
  void packedWeightsAreCopiesOfEveryStage() {
    long image =
        PROGRAM.vision().weights().linearBytes(Precision.FLOAT32)
            + PROGRAM.qformerWeights().linearBytes(Precision.FLOAT32);
    long language = PROGRAM.language().weights().linearBytes(Precision.FLOAT32);
    assertThat(image).isPositive();
    assertThat(bytes(FLOAT32, WeightLayout.PACKED, null)).isEqualTo(image + language);
    Precisions narrow = new Precisions(Precision.FLOAT32, Precision.FLOAT32, Precision.INT4);
    assertThat(bytes(narrow, WeightLayout.MAPPED, null))
        .isEqualTo(PROGRAM.language().weights().linearBytes(Precision.INT4));
    assertThat(bytes(narrow, WeightLayout.PACKED, null))
        .isEqualTo(image + PROGRAM.language().weights().linearBytes(Precision.INT4));
  }

  @Test
  void besideADraftOnlyTheLanguageModelIsPacked() {
    assertThat(bytes(FLOAT32, WeightLayout.PACKED, Precision.INT4))
        .isEqualTo(
            PROGRAM.language().weights().linearBytes(Precision.FLOAT32)
                + PROGRAM.language().decoder().weights().linearBytes(Precision.INT4));
  }
}
