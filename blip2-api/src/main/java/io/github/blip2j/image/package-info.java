/** Images: where they come from, how they are read, and what a model has made of them. */
@NullMarked
package io.github.blip2j.image;

import org.jspecify.annotations.NullMarked;
