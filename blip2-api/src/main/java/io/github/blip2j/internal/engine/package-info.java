/** From images and prompts to texts, matches and vectors: what the tasks of the facade run on. */
@NullMarked
package io.github.blip2j.internal.engine;

import org.jspecify.annotations.NullMarked;
