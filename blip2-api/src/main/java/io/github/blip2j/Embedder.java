package io.github.blip2j;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import io.github.blip2j.retrieval.EncodedText;
import java.util.List;

/**
 * Vectors of images and texts, as LAVIS's {@code extract_features} gives them. Immutable; safe for
 * many threads while its {@link Blip2} is open.
 */
public final class Embedder {
  private final Engine engine;

  Embedder(Engine engine) {
    this.engine = engine;
  }

  /**
   * Vectors of an image; of any checkpoint.
   *
   * @param image the image
   * @return its query vectors (Q, D) and their projection: (Q, P) of length 1 in the space shared
   *     with texts if the checkpoint matches images and texts, else (Q, d) in the language model's
   *     space
   * @throws UnreadableImageException if the image cannot be read
   * @throws InferenceException if the engine fails
   */
  public EncodedImage image(ImageInput image) {
    return engine.encode(image);
  }

  /**
   * Vectors of texts.
   *
   * @param texts as many as you like; they are read in batches
   * @return the vectors of each, in order
   * @throws CheckpointException if this model's checkpoint does not read texts alone
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public List<EncodedText> texts(List<String> texts) {
    return engine.matching().texts(texts);
  }

  /**
   * Vectors of one text.
   *
   * @param text the text
   * @return its vectors
   * @throws CheckpointException if this model's checkpoint does not read texts alone
   * @throws IllegalArgumentException if it is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public EncodedText text(String text) {
    return texts(List.of(text)).get(0);
  }

  /**
   * Vectors of an image read together with a text.
   *
   * @param image the image
   * @param text the text
   * @return (Q, D) float32, the queries' last hidden state
   * @throws CheckpointException if this model's checkpoint does not read them together
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public float[][] multimodal(ImageInput image, String text) {
    return engine.matching().multimodal(image, text);
  }
}
