package io.github.blip2j.internal.image;

/**
 * Where a frame lies on the screen, in pixels.
 *
 * @param left its first column
 * @param top its first row
 * @param width its columns
 * @param height its rows
 */
record GifFrame(int left, int top, int width, int height) {}
