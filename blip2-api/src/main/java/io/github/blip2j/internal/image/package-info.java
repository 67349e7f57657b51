/**
 * Image files to what the vision encoder is given: reading whichever format, turning upright,
 * resizing. Formats of few files are read here, the others in rooms of their own.
 */
@NullMarked
package io.github.blip2j.internal.image;

import org.jspecify.annotations.NullMarked;
