/** What the packages of values have in common. */
@NullMarked
package io.github.blip2j.internal.values;

import org.jspecify.annotations.NullMarked;
