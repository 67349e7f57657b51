/**
 * How engines are started in a process that is not ours: their native libraries, the properties
 * that they read, and the thread that starts them. Every start is safe for many threads.
 */
@NullMarked
package io.github.blip2j.internal.host;

import org.jspecify.annotations.NullMarked;
