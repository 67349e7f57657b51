package io.github.blip2j.generation;

import io.github.blip2j.image.ImageInput;
import org.jspecify.annotations.Nullable;

/**
 * One image to write about, in a batch of several.
 *
 * @param image the image, encoded or not
 * @param prompt text to go on from, or null for none
 * @param options how to generate
 */
public record GenerationRequest(
    ImageInput image, @Nullable String prompt, GenerationOptions options) {
  /**
   * The image's name, the prompt if there is one, and options that differ from the defaults.
   *
   * @return such as {@code GenerationRequest[image=photo.jpg, prompt="a photo of"]}
   */
  @Override
  public String toString() {
    String ask = prompt == null ? "" : ", prompt=\"" + prompt + "\"";
    String how = options.equals(GenerationOptions.defaults()) ? "" : ", options=" + options;
    return "GenerationRequest[image=" + image + ask + how + "]";
  }
}
