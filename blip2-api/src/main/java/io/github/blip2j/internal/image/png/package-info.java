/**
 * PNG as Pillow reads it (PngImagePlugin.py, libImaging/ZipDecode.c): the JDK's decoder refuses
 * files that Pillow shows, takes others that Pillow refuses, and keeps every chunk in memory.
 */
@NullMarked
package io.github.blip2j.internal.image.png;

import org.jspecify.annotations.NullMarked;
