package io.github.blip2j.internal.engine;

import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;

/**
 * A request as it is worked on.
 *
 * @param request its options with lengths in new tokens
 * @param prompt ids
 * @param features vectors of its images in front of the text
 */
record Asked(GenerationRequest request, PromptTokens prompt, int features) {
  ImageInput image() {
    return request.image();
  }

  GenerationOptions options() {
    return request.options();
  }

  /** Tokens of the prompt. */
  int length() {
    return prompt.text().length;
  }
}
