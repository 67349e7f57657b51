package io.github.blip2j.spi;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import java.util.Map;

/**
 * The frozen image encoder, ViT-g in the published checkpoints (Li et al. 2023, §3.1). Safe for
 * many threads.
 *
 * @param model that runs it
 */
public record VisionEncoder(LoadedModel model) {
  /**
   * Encodes images.
   *
   * @param pixels (B, 3, side, side) float32, normalised
   * @param batch B, at least 1
   * @return patch vectors (B, N, E) after the last layer norm, class vector first
   * @throws IllegalArgumentException if the length of {@code pixels} does not fit
   * @throws InferenceException if the engine fails
   */
  public float[] encode(float[] pixels, int batch) {
    Stage stage = model.program().vision();
    HostTensor input = Batches.of(stage, ModelProgram.PIXELS, pixels, batch);
    return model.run(stage.name(), Map.of(ModelProgram.PIXELS, input))[0];
  }
}
