package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.MatchingHead;
import io.github.blip2j.retrieval.Match;
import java.util.List;

/**
 * Says how well images and texts belong together. Each image and each text is encoded once, however
 * many pairs there are. Immutable; safe for many threads while its {@link Blip2} is open.
 *
 * <p>Source: Transformers, {@code Blip2ForImageTextRetrieval}.
 */
public final class ImageTextMatcher {
  private final MatchingHead head;

  ImageTextMatcher(MatchingHead head) {
    this.head = head;
  }

  /**
   * One image and one text.
   *
   * @param image the image
   * @param text what may describe it
   * @return probability and similarity
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public Match match(ImageInput image, String text) {
    return match(image, List.of(text)).get(0);
  }

  /**
   * One image and several texts.
   *
   * @param image the image
   * @param texts what may describe it
   * @return for each text, in order, probability and similarity
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public List<Match> match(ImageInput image, List<String> texts) {
    return match(List.of(image), texts).get(0);
  }

  /**
   * Every image with every text.
   *
   * @param images the images
   * @param texts what may describe them
   * @return for each image, in order, a match for each text
   * @throws UnreadableImageException if any image cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public List<List<Match>> match(List<? extends ImageInput> images, List<String> texts) {
    return head.match(images, texts);
  }

  /**
   * The probabilities alone: image-text matching, which reads each pair.
   *
   * @param image the image
   * @param texts what may describe it
   * @return for each text, in order, 0 to 1
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public double[] probabilities(ImageInput image, List<String> texts) {
    return head.probabilities(image, texts);
  }

  /**
   * The similarities alone: image-text contrast, which needs no reading of pairs.
   *
   * @param images the images
   * @param texts what may describe them
   * @return (images, texts), each −1 to 1
   * @throws UnreadableImageException if any image cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public double[][] similarities(List<? extends ImageInput> images, List<String> texts) {
    return head.similarities(images, texts);
  }
}
