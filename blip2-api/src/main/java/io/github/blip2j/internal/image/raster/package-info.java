/** What the image formats stand on: rows, samples and limits of a decoded image. */
@NullMarked
package io.github.blip2j.internal.image.raster;

import org.jspecify.annotations.NullMarked;
