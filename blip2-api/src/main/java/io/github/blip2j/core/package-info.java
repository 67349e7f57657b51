/** What the other packages share: devices, precisions, listeners and exceptions. */
@NullMarked
package io.github.blip2j.core;

import org.jspecify.annotations.NullMarked;
