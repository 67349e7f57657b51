/** The command line program {@code blip2}. */
@NullMarked
package io.github.blip2j.cli;

import org.jspecify.annotations.NullMarked;
