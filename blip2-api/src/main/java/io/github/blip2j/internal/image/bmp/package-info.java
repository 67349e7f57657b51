/** BMP as Pillow reads it (BmpImagePlugin.py). */
@NullMarked
package io.github.blip2j.internal.image.bmp;

import org.jspecify.annotations.NullMarked;
