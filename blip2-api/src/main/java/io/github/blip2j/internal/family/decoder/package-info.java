/** What decoders without an encoder have in common, whichever family they are of. */
@NullMarked
package io.github.blip2j.internal.family.decoder;

import org.jspecify.annotations.NullMarked;
