/** Finding and choosing a backend. */
@NullMarked
package io.github.blip2j.internal.backend;

import org.jspecify.annotations.NullMarked;
