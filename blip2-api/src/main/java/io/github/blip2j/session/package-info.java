/**
 * What sessions of every backend have in common: the arithmetic of rows and positions, who may call
 * when, and the count of sessions that a model may not be closed under. A backend extends {@link
 * io.github.blip2j.session.CachedSession} with its cache ({@link
 * io.github.blip2j.session.RowStore}), its encoder memory ({@link
 * io.github.blip2j.session.EncoderMemory}) and how a step is run; it may as well implement {@link
 * io.github.blip2j.spi.LanguageSession} without this package. <b>Experimental</b>: for authors of
 * backends; may change in any version.
 */
@NullMarked
package io.github.blip2j.session;

import org.jspecify.annotations.NullMarked;
