/**
 * What the sessions of our own backends have in common: the arithmetic of rows and positions, and
 * the count of sessions that a model may not be closed under.
 */
@NullMarked
package io.github.blip2j.internal.session;

import org.jspecify.annotations.NullMarked;
