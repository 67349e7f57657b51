/** What several rooms share that belongs to none: numbers, options as text, a guard of one user. */
@NullMarked
package io.github.blip2j.internal.values;

import org.jspecify.annotations.NullMarked;
