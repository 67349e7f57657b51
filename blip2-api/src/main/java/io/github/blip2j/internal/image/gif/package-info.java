/** GIF's first frame as Pillow reads it (GifImagePlugin.py, libImaging/GifDecode.c). */
@NullMarked
package io.github.blip2j.internal.image.gif;

import org.jspecify.annotations.NullMarked;
