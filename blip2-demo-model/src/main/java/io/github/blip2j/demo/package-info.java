/** Two small checkpoints that really see, but only generated scenes of coloured shapes. */
@NullMarked
package io.github.blip2j.demo;

import org.jspecify.annotations.NullMarked;
