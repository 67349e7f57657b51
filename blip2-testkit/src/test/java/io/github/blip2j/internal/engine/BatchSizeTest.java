package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many requests are computed together. */
class BatchSizeTest {
  private static Asked asked(int beams, int features, int promptTokens) {
    GenerationOptions options = GenerationOptions.builder().numBeams(beams).build();
    return new Asked(
        new GenerationRequest(ImageSource.of(Fixtures.image("photo.jpg")), null, options),
        PromptTokens.of(new int[promptTokens]),
        features);
  }

  private static BatchSize of(String checkpoint) {
    return new BatchSize(Checkpoint.open(Fixtures.directory(checkpoint)).config(), 0);
  }

  @Test
  void batchesAreBoundByTheirLongestRequest() {
    BatchSize size = of("tiny-opt");
    Asked greedy = asked(1, 6, 1);
    Asked beams = asked(40, 6, 1);
    assertThat(size.fitting(Collections.nCopies(12, greedy))).isEqualTo(8);
    assertThat(size.fitting(Collections.nCopies(12, beams))).isEqualTo(1);
    assertThat(size.fitting(List.of(greedy, beams, beams))).isEqualTo(2);
  }

  /** Six heads over 1906 positions are 261 MB of attention for each prompt that is read. */
  @Test
  void batchesAreBoundByWhatAnEncoderTakes() {
    BatchSize size = of("tiny-t5");
    assertThat(size.fitting(Collections.nCopies(12, asked(1, 6, 20)))).isEqualTo(8);
    assertThat(size.fitting(Collections.nCopies(12, asked(1, 6, 1900)))).isEqualTo(4);
    assertThat(size.fitting(Collections.nCopies(12, asked(1, 6, 4000)))).isEqualTo(1);
  }

  /** A batch has as many images as ever, and rows with as many features each. */
  @Test
  void requestsWithSeveralImagesGoTogetherWithTheirLike() {
    BatchSize size = of("tiny-instructblip-t5");
    Asked one = asked(1, 6, 20);
    Asked three = asked(1, 18, 20);
    assertThat(size.fitting(Collections.nCopies(12, three))).isEqualTo(2);
    assertThat(size.fitting(Collections.nCopies(12, asked(1, 60, 20)))).isEqualTo(1);
    assertThat(size.fitting(List.of(one, one, three, one))).isEqualTo(2);
    assertThat(size.fitting(List.of(three, one))).isEqualTo(1);
    // three images leave an encoder less room than one: 1900 tokens behind 600 features
    assertThat(size.fitting(Collections.nCopies(9, asked(1, 600, 1900)))).isEqualTo(1);
  }
}
