package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import java.util.List;

/**
 * Describes images by going on from a prompt, such as {@code a photo of}. Immutable; safe for many
 * threads while its {@link Blip2} is open.
 */
public final class PromptedCaptioner {
  private final Engine engine;
  private final String prompt;
  private final GenerationOptions options;

  PromptedCaptioner(Engine engine, String prompt, GenerationOptions options) {
    this.engine = engine;
    this.prompt = prompt;
    this.options = options;
  }

  /**
   * The same with other options.
   *
   * @param changed how to generate
   * @return a captioner of the same model and prompt
   */
  public PromptedCaptioner withOptions(GenerationOptions changed) {
    return new PromptedCaptioner(engine, prompt, changed);
  }

  /**
   * Goes on from the prompt.
   *
   * @param image the image
   * @return what follows the prompt; the prompt itself is not in it
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if the prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageInput image) {
    return captions(image).get(0);
  }

  /**
   * Goes on from the prompt for several images as one batch.
   *
   * @param images the images
   * @return what follows the prompt for each, in their order
   * @throws UnreadableImageException if any image cannot be read
   * @throws IllegalArgumentException if the prompt leaves no room for a new token
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> caption(List<? extends ImageInput> images) {
    return engine
        .writing()
        .generate(images.stream().map(i -> new GenerationRequest(i, prompt, options)).toList())
        .stream()
        .map(texts -> texts.get(0))
        .toList();
  }

  /**
   * Writes as many texts about one image as {@link GenerationOptions#numReturnSequences()} says.
   *
   * @param image the image
   * @return the texts; of a beam search best first
   * @throws UnreadableImageException if the image cannot be read
   * @throws IllegalArgumentException if there is no room for a new token
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> captions(ImageInput image) {
    return engine.writing().generate(List.of(new GenerationRequest(image, prompt, options))).get(0);
  }
}
