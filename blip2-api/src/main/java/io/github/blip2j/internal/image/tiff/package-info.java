/**
 * TIFF as Pillow and libtiff read it together, and the directories that EXIF blocks are made of.
 */
@NullMarked
package io.github.blip2j.internal.image.tiff;

import org.jspecify.annotations.NullMarked;
