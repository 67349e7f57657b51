package io.github.blip2j.image;

/** An image as a task takes it: as it is, or encoded already; or several in one prompt. */
public sealed interface ImageInput permits ImageSource, EncodedImage, ImageSequence {}
