/**
 * What a backend needs of a process that is not its own: native libraries brought to where they can
 * be loaded, engines started one at a time, memory that is freed when its owner says so, and a few
 * questions about the machine. Every call is safe for many threads unless it says otherwise.
 * <b>Experimental</b>: for authors of backends; may change in any version.
 *
 * <p>A backend whose engine comes with native code starts it by {@link
 * io.github.blip2j.host.Natives#start}, inside which {@link io.github.blip2j.host.EngineStart#run}
 * sets what the engine reads while it starts. What goes wrong is thrown as {@link
 * io.github.blip2j.host.Natives#unavailable}.
 */
@NullMarked
package io.github.blip2j.host;

import org.jspecify.annotations.NullMarked;
