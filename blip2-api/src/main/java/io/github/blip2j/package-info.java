/**
 * BLIP-2 in the JVM: captions, prompted captions and answers about pictures. Start at {@link
 * io.github.blip2j.Blip2}.
 */
@NullMarked
package io.github.blip2j;

import org.jspecify.annotations.NullMarked;
