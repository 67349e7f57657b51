/** Trees of JSON, read and written without the mapper of objects. */
@NullMarked
package io.github.blip2j.internal.json;

import org.jspecify.annotations.NullMarked;
