package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.MatchingHead;
import io.github.blip2j.retrieval.Match;
import java.util.List;

/**
 * Says how well pictures and texts belong together. Each picture and each text is encoded once,
 * however many pairs there are. Immutable; safe for many threads while its {@link Blip2} is open.
 *
 * <p>Source: Transformers, {@code Blip2ForImageTextRetrieval}.
 */
public final class ImageTextMatcher {
  private final MatchingHead head;

  ImageTextMatcher(MatchingHead head) {
    this.head = head;
  }

  /**
   * One picture and one text.
   *
   * @param image the picture
   * @param text what may describe it
   * @return probability and similarity
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if the text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public Match match(ImageInput image, String text) {
    return match(image, List.of(text)).get(0);
  }

  /**
   * One picture and several texts.
   *
   * @param image the picture
   * @param texts what may describe it
   * @return for each text, in order, probability and similarity
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public List<Match> match(ImageInput image, List<String> texts) {
    return match(List.of(image), texts).get(0);
  }

  /**
   * Every picture with every text.
   *
   * @param images the pictures
   * @param texts what may describe them
   * @return for each picture, in order, a match for each text
   * @throws UnreadableImageException if any picture cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public List<List<Match>> match(List<? extends ImageInput> images, List<String> texts) {
    return head.match(images, texts);
  }

  /**
   * The probabilities alone: image-text matching, which reads each pair.
   *
   * @param image the picture
   * @param texts what may describe it
   * @return for each text, in order, 0 to 1
   * @throws UnreadableImageException if the picture cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public double[] probabilities(ImageInput image, List<String> texts) {
    return head.probabilities(image, texts);
  }

  /**
   * The similarities alone: image-text contrast, which needs no reading of pairs.
   *
   * @param images the pictures
   * @param texts what may describe them
   * @return (pictures, texts), each −1 to 1
   * @throws UnreadableImageException if any picture cannot be read
   * @throws IllegalArgumentException if a text is too long for the checkpoint
   * @throws InferenceException if the engine fails
   */
  public double[][] similarities(List<? extends ImageInput> images, List<String> texts) {
    return head.similarities(images, texts);
  }
}
