/**
 * A WebP decoder whose pixels equal libwebp's bit for bit, and so Pillow's.
 *
 * <p>{@link WebpFile} reads the container (RFC 9649, section 2) and gives the first frame to one of
 * two decoders: {@code LossyDecoder} for VP8 key frames (RFC 6386) and {@code LosslessDecoder} for
 * VP8L (RFC 9649, section 3). Both work row by row into the final array: beside it, a decoder holds
 * a few rows, the tables of the file, and for VP8L the last 2²⁰ pixels and images of at most a
 * sixteenth of the size.
 *
 * <p>Where the specifications leave a choice (interpolation of colour, rounding, what lies beyond
 * the edges, how damage is noticed) it is libwebp 1.6's. Errors are {@link java.io.IOException}s
 * that say what was expected and found.
 */
@NullMarked
package io.github.blip2j.internal.image.webp;

import org.jspecify.annotations.NullMarked;
