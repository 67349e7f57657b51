package io.github.blip2j;

import io.github.blip2j.image.ImageSource;
import java.util.List;

/**
 * A few of a user's own images and questions, for which a {@linkplain Blip2Builder#convert
 * conversion} rounds the language model's weights of four bits: so that what the layers make of
 * what these images and texts give them stays near what float32 makes of it, instead of each weight
 * near itself.
 *
 * @param images some sixteen that are like those that will be shown
 * @param prompts what will be asked about them, as {@link Blip2#generate} is given it; for each
 *     image a caption is written, and an answer to each of these
 */
public record Calibration(List<ImageSource> images, List<String> prompts) {
  /** Copies the lists and refuses to go without an image. */
  public Calibration {
    images = List.copyOf(images);
    prompts = List.copyOf(prompts);
    if (images.isEmpty()) {
      throw new IllegalArgumentException("calibration images (0) must be at least 1");
    }
  }

  /** How many texts are written about all images together. */
  int texts() {
    return images.size() * (1 + prompts.size());
  }
}
