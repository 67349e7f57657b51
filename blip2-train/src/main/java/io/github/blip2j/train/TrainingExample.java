package io.github.blip2j.train;

import io.github.blip2j.image.ImageSource;
import org.jspecify.annotations.Nullable;

/**
 * An image, and the text that a model should write about it.
 *
 * @param image is read once, when training begins
 * @param prompt what the text answers or goes on from, or null for a caption; as it stands, so that
 *     a question has its {@code Question: … Answer:} around it
 * @param text to be learnt; the end token is put behind it
 */
public record TrainingExample(ImageSource image, @Nullable String prompt, String text) {
  /** Checks the text. */
  public TrainingExample {
    if (text.isBlank()) {
      throw new IllegalArgumentException("text must have letters, found '" + text + "'");
    }
  }

  /**
   * An image and its caption.
   *
   * @param image is read once, when training begins
   * @param text its caption
   * @return an example without a prompt
   */
  public static TrainingExample caption(ImageSource image, String text) {
    return new TrainingExample(image, null, text);
  }
}
