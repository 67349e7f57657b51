/** Short programs that show how the library is used. */
@NullMarked
package io.github.blip2j.examples;

import org.jspecify.annotations.NullMarked;
