package io.github.blip2j;

import org.jspecify.annotations.Nullable;

/**
 * One picture to write about, in a batch of several.
 *
 * @param image the picture, encoded or not
 * @param prompt text to go on from, or null for none
 * @param options how to generate
 */
public record GenerationRequest(
    ImageInput image, @Nullable String prompt, GenerationOptions options) {}
