/** BLOOM and BLOOMZ: a decoder whose attention falls with the distance. */
@NullMarked
package io.github.blip2j.internal.family.bloom;

import org.jspecify.annotations.NullMarked;
