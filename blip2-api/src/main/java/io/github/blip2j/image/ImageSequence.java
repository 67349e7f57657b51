package io.github.blip2j.image;

import java.util.ArrayList;
import java.util.List;

/**
 * Several images in one prompt: views of one thing, or frames of a video. Any task that writes
 * takes them as it takes one image, from a checkpoint whose Q-Former reads instructions
 * (InstructBLIP); others have learnt to write about one image, and refuse more.
 *
 * <p><b>Order.</b> Each image is read by itself, together with the whole prompt, and the language
 * model is given the features of the first image, then those of the second, and so on, and the text
 * behind them all. Nothing else stands between them, so that a prompt may say "the first image".
 * Each takes as many positions as one image does, 32 in published checkpoints: a model that writes
 * at most 2048 positions has room for some sixty.
 *
 * <p>Immutable; safe for many threads. Source: Transformers, {@code InstructBlipVideo}, whose
 * frames are such images; Dai et al. 2023, §3.3, "video question answering".
 *
 * @param images at least one, in order; a sequence among them stands for its images
 */
public record ImageSequence(List<ImageInput> images) implements ImageInput {
  /**
   * Takes a copy of the images.
   *
   * @throws IllegalArgumentException if there are none
   */
  public ImageSequence {
    List<ImageInput> flat = new ArrayList<>();
    for (ImageInput image : images) {
      flat.addAll(image instanceof ImageSequence sequence ? sequence.images : List.of(image));
    }
    if (flat.isEmpty()) {
      throw new IllegalArgumentException("images (0) must be at least 1");
    }
    images = List.copyOf(flat);
  }

  /**
   * Images in one prompt.
   *
   * @param images at least one, in order
   * @return the sequence
   * @throws IllegalArgumentException if there are none
   */
  public static ImageSequence of(ImageInput... images) {
    return new ImageSequence(List.of(images));
  }

  /**
   * The images' names, in order.
   *
   * @return such as {@code [left.jpg, right.jpg]}
   */
  @Override
  public String toString() {
    return images.toString();
  }
}
