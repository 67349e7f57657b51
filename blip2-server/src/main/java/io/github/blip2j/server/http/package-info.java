/**
 * Requests and answers, whatever server carries them, and the JDK's server that does. Knows nothing
 * of models.
 */
@NullMarked
package io.github.blip2j.server.http;

import org.jspecify.annotations.NullMarked;
