package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.util.Map;

/**
 * The querying transformer, which reads an image into Q vectors (Li et al. 2023, §3.1). Safe for
 * many threads.
 *
 * @param model that runs it
 */
public record QFormer(LoadedModel model) {
  /**
   * Both results of one pass.
   *
   * @param queries (B, Q, D) float32, the last hidden state
   * @param projected (B, Q, d) float32, {@code queries} in the language model's space, or, of a
   *     checkpoint that matches images and texts, (B, Q, P) of length 1 in the space that they
   *     share
   */
  @SuppressWarnings("ArrayRecordComponent") // given away, not compared
  public record Output(float[] queries, float[] projected) {}

  /**
   * Reads images.
   *
   * @param patches (B, N, E) float32 from {@link VisionEncoder#encode}
   * @param batch B, at least 1
   * @return query vectors and their projection
   * @throws IllegalArgumentException if the length of {@code patches} does not fit
   * @throws InferenceException if the engine fails
   */
  public Output encode(float[] patches, int batch) {
    Stage stage = model.program().qformer();
    HostTensor input = Batches.of(stage, ModelProgram.PATCHES, patches, batch);
    float[][] read = model.run(stage.name(), Map.of(ModelProgram.PATCHES, input));
    return new Output(read[0], read[1]);
  }
}
