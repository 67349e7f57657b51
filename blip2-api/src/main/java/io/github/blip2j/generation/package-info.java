/** How text is generated, and what comes of it. */
@NullMarked
package io.github.blip2j.generation;

import org.jspecify.annotations.NullMarked;
