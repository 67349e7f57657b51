/**
 * The server under load: {@code blip2-bench/run serve-load}. Many clients at once, some of whom
 * leave and some of whom send rubbish; every answer must be the right one or a documented error.
 */
@NullMarked
package io.github.blip2j.bench.serving;

import org.jspecify.annotations.NullMarked;
