package io.github.blip2j;

import org.jspecify.annotations.Nullable;

/**
 * One picture to write about, in a batch of several.
 *
 * @param image the picture
 * @param prompt text to go on from, or null for none
 * @param options how to generate
 */
public record GenerationRequest(
    ImageSource image, @Nullable String prompt, GenerationOptions options) {}
