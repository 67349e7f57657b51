package io.github.blip2j;

import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.internal.engine.Engine;
import java.util.List;

/** Describes images. Immutable; safe for many threads while its {@link Blip2} is open. */
public final class Captioner {
  private final Engine engine;
  private final GenerationOptions options;

  Captioner(Engine engine, GenerationOptions options) {
    this.engine = engine;
    this.options = options;
  }

  /**
   * The same with other options.
   *
   * @param changed how to generate
   * @return a captioner of the same model
   */
  public Captioner withOptions(GenerationOptions changed) {
    return new Captioner(engine, changed);
  }

  /**
   * Describes one image.
   *
   * @param image the image
   * @return the caption
   * @throws UnreadableImageException if the image cannot be read
   * @throws InferenceException if the engine fails
   */
  public GeneratedText caption(ImageInput image) {
    return captions(image).get(0);
  }

  /**
   * Describes several images as one batch: the texts are those of one call each.
   *
   * @param images the images
   * @return a caption for each, in their order
   * @throws UnreadableImageException if any image cannot be read
   * @throws InferenceException if the engine fails
   */
  public List<GeneratedText> caption(List<? extends ImageInput> images) {
    return engine
        .writing()
        .generate(images.stream().map(i -> new GenerationRequest(i, null, options)).toList())
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
    return engine.writing().generate(List.of(new GenerationRequest(image, null, options))).get(0);
  }
}
