package io.github.blip2j.spi;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.HostTensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Weights and compiled stages of one checkpoint, immutable and shared by threads. */
public interface LoadedModel extends AutoCloseable {
  /**
   * What was loaded.
   *
   * @return the program that this model runs
   */
  ModelProgram program();

  /**
   * Runs a stage that has no state: of the program's the vision encoder, the Q-Former, the heads
   * that match, and those that are compiled when they are first run. Safe for many threads.
   *
   * @param stage name of it
   * @param inputs a tensor for each of its inputs, lent for the call
   * @return a new array for each of its outputs, in order
   * @throws InferenceException if the engine fails
   */
  float[][] run(String stage, Map<String, HostTensor> inputs);

  /**
   * The language model.
   *
   * @return a stage owned by this model, safe for many threads
   * @throws CheckpointException if the checkpoint writes no text
   */
  LanguageModel language();

  /**
   * The vision encoder.
   *
   * @return a view of this model, safe for many threads
   */
  default VisionEncoder vision() {
    return new VisionEncoder(this);
  }

  /**
   * The Q-Former and the projection into the language model's space.
   *
   * @return a view of this model, safe for many threads
   */
  default QFormer qformer() {
    return new QFormer(this);
  }

  /**
   * The heads that match images and texts.
   *
   * @return a view of this model, safe for many threads
   * @throws CheckpointException if the checkpoint has none
   */
  default Retrieval retrieval() {
    program().matching(); // says why there is none
    return new Retrieval(this);
  }

  /**
   * Files beside the checkpoint's own that stay mapped while this model is open.
   *
   * @return their paths; none unless a backend derives files
   */
  default List<Path> mappedFiles() {
    return List.of();
  }

  /**
   * Releases weights and graphs.
   *
   * @throws IllegalStateException if a session is still open; says how many
   */
  @Override
  void close();
}
