/**
 * What a model computes, written once for every backend: forward passes over {@link
 * io.github.blip2j.stage.Ops}, gathered into {@link io.github.blip2j.stage.Stage}s, which a backend
 * compiles and runs. <b>Experimental</b>: for authors of backends and model families; may change in
 * any version.
 *
 * <p>Axes: <b>B</b> batch, <b>N</b> image patches, <b>Q</b> queries, <b>F</b> image features in
 * front of a text, <b>T</b> tokens, <b>S</b> keys, <b>D</b> width, <b>H</b> heads, <b>G</b>
 * key/value heads, <b>d</b> head width or language model width, <b>E</b> image width, <b>V</b>
 * vocabulary. Linear weights are (out, in). Construction of a network asks for every weight with
 * its shape; {@code forward} only computes.
 */
@NullMarked
package io.github.blip2j.stage;

import org.jspecify.annotations.NullMarked;
