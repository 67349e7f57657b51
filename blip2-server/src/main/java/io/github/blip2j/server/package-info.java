/**
 * An HTTP server over one model: {@link io.github.blip2j.server.Blip2Server}. A JSON API of its own
 * and the one that OpenAI's clients speak, on the JDK's own server.
 */
@NullMarked
package io.github.blip2j.server;

import org.jspecify.annotations.NullMarked;
