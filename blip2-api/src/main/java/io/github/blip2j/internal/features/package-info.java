/** Image features: what the vision encoder and the Q-Former make of an image, and their file. */
@NullMarked
package io.github.blip2j.internal.features;

import org.jspecify.annotations.NullMarked;
