/**
 * A JPEG decoder whose pixels are libjpeg-turbo's, which are also Pillow's: ITU-T T.81 read by
 * {@link io.github.blip2j.internal.image.jpeg.JpegMarkers}, entropy-coded data by the scan
 * decoders, then inverse DCT, upsampling and colour conversion in integers.
 *
 * <p>All scans of a file are decoded side by side, one row of MCUs at a time, since the whole file
 * is in memory: a progressive image needs no more memory than a baseline one.
 */
@org.jspecify.annotations.NullMarked
package io.github.blip2j.internal.image.jpeg;
