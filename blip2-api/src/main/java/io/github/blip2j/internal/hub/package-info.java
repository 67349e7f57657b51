/** Where models and derived files lie on this machine. */
@NullMarked
package io.github.blip2j.internal.hub;

import org.jspecify.annotations.NullMarked;
