package io.github.blip2j;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.TrainingModel;
import io.github.blip2j.spi.TrainingRequest;
import java.util.List;

/**
 * What a model was loaded from, and how: for what goes beyond its tasks, such as training. Borrows
 * the model; safe for many threads.
 */
public final class LoadedCheckpoint {
  private final Blip2 model;

  private LoadedCheckpoint(Blip2 model) {
    this.model = model;
  }

  /**
   * A model's checkpoint.
   *
   * @param model stays open for as long as this is used
   * @return a view of it
   */
  public static LoadedCheckpoint of(Blip2 model) {
    return new LoadedCheckpoint(model);
  }

  /**
   * What was loaded.
   *
   * @return checkpoint, with an adapter that was merged into it, program and settings
   */
  public LoadRequest source() {
    return model.source;
  }

  /**
   * Demands that the weights' files are those that were loaded: before they are read again.
   *
   * @throws CheckpointException if one was replaced, deleted or written to since
   */
  public void requireSameFiles() {
    model.engine.requireSameFiles();
  }

  /**
   * Runs the vision encoder alone.
   *
   * @param image the image
   * @return its vectors (N,E) float32, class vector first, row by row
   * @throws UnreadableImageException if the image cannot be read
   * @throws InferenceException if the engine fails
   */
  public float[] patches(ImageSource image) {
    return model.engine.patches(image);
  }

  /**
   * Opens the checkpoint for training, by the model's backend. Afterwards the two are independent
   * of each other: what is trained does not change the model, and either may be closed first.
   *
   * @param changes of low rank of the language model's linear layers; none to train the Q-Former,
   *     its queries and the projection
   * @return a model with gradients; the caller closes it
   * @throws BackendUnavailableException if the backend cannot train; djl can
   * @throws CheckpointException if the checkpoint is of a kind that is not trained, or its files
   *     are not those that were loaded
   */
  public TrainingModel openTraining(List<TrainingRequest.LowRankChange> changes) {
    TrainingModel opened =
        model.choice.backend().openTraining(new TrainingRequest(model.source, changes));
    try {
      requireSameFiles();
      return opened;
    } catch (CheckpointException e) {
      opened.close();
      throw e;
    }
  }
}
