/**
 * The files of a checkpoint: JSON settings and safetensors weights, read and checked, and files
 * that are derived from them. <b>Experimental</b>: for authors of backends and model families; may
 * change in any version.
 */
@NullMarked
package io.github.blip2j.files;

import org.jspecify.annotations.NullMarked;
