@NullMarked
package io.github.blip2j;

import org.jspecify.annotations.NullMarked;
