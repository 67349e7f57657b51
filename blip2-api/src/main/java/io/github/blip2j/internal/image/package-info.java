@NullMarked
package io.github.blip2j.internal.image;

import org.jspecify.annotations.NullMarked;
