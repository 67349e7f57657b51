package io.github.blip2j.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many requests are computed together. */
class BatchSizeTest {
  private static GenerationRequest request(int beams) {
    return new GenerationRequest(
        ImageSource.of(Fixtures.image("photo.jpg")),
        null,
        GenerationOptions.builder().numBeams(beams).build());
  }

  @Test
  void batchesAreBoundByTheirLongestRequest() {
    var config = Checkpoint.open(Fixtures.directory("tiny-opt")).config();
    BatchSize size = new BatchSize(config, 0);
    GenerationRequest greedy = request(1);
    GenerationRequest beams = request(40);
    List<int[]> prompts = Collections.nCopies(12, new int[] {2});
    assertThat(size.fitting(Collections.nCopies(12, greedy), prompts)).isEqualTo(8);
    assertThat(size.fitting(Collections.nCopies(12, beams), prompts)).isEqualTo(1);
    assertThat(size.fitting(List.of(greedy, beams, beams), prompts)).isEqualTo(2);
  }

  /** Six heads over 1906 positions are 261 MB of attention for each prompt that is read. */
  @Test
  void batchesAreBoundByWhatAnEncoderTakes() {
    Path t5 = Fixtures.directory("tiny-t5");
    BatchSize size = new BatchSize(Checkpoint.open(t5).config(), 0);
    List<GenerationRequest> requests = Collections.nCopies(12, request(1));
    assertThat(size.fitting(requests, Collections.nCopies(12, new int[20]))).isEqualTo(8);
    assertThat(size.fitting(requests, Collections.nCopies(12, new int[1900]))).isEqualTo(4);
    assertThat(size.fitting(requests, Collections.nCopies(12, new int[4000]))).isEqualTo(1);
  }
}
