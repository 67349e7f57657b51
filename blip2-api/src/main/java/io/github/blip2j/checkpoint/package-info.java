/**
 * A checkpoint as it lies on the disk, in the layout of the Hugging Face Hub: its configuration,
 * its weights and where they are, and nothing of any engine.
 *
 * <p>Everything here is immutable and safe for many threads. No file stays open: weights are named
 * by file, offset and length, and whoever reads or maps them owns that mapping.
 */
@NullMarked
package io.github.blip2j.checkpoint;

import org.jspecify.annotations.NullMarked;
