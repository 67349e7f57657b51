/**
 * The model text: each forward pass written once, over {@link io.github.blip2j.internal.nn.Ops},
 * which every backend compiles in its own way. Read VisionTransformer, QFormerNetwork and
 * OptDecoder in this order, with the paper (Li et al. 2023, BLIP-2, §3) at hand.
 *
 * <p>Axes: <b>B</b> batch, <b>N</b> image patches, <b>Q</b> queries, <b>T</b> tokens, <b>S</b>
 * keys, <b>D</b> width, <b>H</b> heads, <b>E</b> image width, <b>V</b> vocabulary. Linear weights
 * are (out, in). Construction asks for every weight with its shape; {@code forward} only computes.
 */
@NullMarked
package io.github.blip2j.internal.nn;

import org.jspecify.annotations.NullMarked;
