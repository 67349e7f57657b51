package io.github.blip2j.family;

import io.github.blip2j.files.Weights;
import io.github.blip2j.stage.Stage;

/** Shape of the vision encoder; one implementation for each {@link VisionFamily}. */
public interface VisionConfig {
  /**
   * Width E of a patch vector.
   *
   * @return hidden size
   */
  int hiddenSize();

  /**
   * Number of blocks.
   *
   * @return layers
   */
  int layers();

  /**
   * Side of the square image.
   *
   * @return pixels
   */
  int imageSize();

  /**
   * Side of a patch.
   *
   * @return pixels; divides {@link #imageSize}
   */
  int patchSize();

  /**
   * Number N of vectors of one image.
   *
   * @return patches and one class vector
   */
  default int patches() {
    int side = imageSize() / patchSize();
    return side * side + 1;
  }

  /**
   * Length of one preprocessed image.
   *
   * @return 3 × imageSize × imageSize
   */
  default int pixels() {
    return 3 * imageSize() * imageSize();
  }

  /**
   * The same for another image size.
   *
   * @param side of the square image in pixels; a multiple of the patch size
   * @return the changed settings
   */
  VisionConfig withImageSize(int side);

  /**
   * The encoder over a checkpoint's weights.
   *
   * @param weights names after {@code vision_model.}
   * @return pixels (B,3,side,side) to patches (B,N,E), all names and shapes checked
   * @throws io.github.blip2j.core.CheckpointException if a tensor is missing or has another shape
   */
  Stage stage(Weights weights);
}
