/**
 * What a backend implements: the three stages of BLIP-2 over plain arrays, and the session that
 * holds a key/value cache. No engine's type appears here, so a backend may be anything.
 *
 * <p>Axes: <b>B</b> batch, <b>N</b> image patches, <b>Q</b> queries, <b>T</b> text tokens, <b>S</b>
 * keys, <b>D</b> Q-Former width, <b>E</b> image width, <b>d</b> language model width, <b>V</b>
 * vocabulary. Arrays are row-major.
 *
 * <h2>Ownership</h2>
 *
 * <table>
 * <caption>Who owns what</caption>
 * <tr><th>resource</th><th>owner</th><th>borrowed by</th><th>created</th><th>released</th>
 * <th>threads</th><th>if its owner closes first</th></tr>
 * <tr><td>{@link io.github.blip2j.spi.LoadedModel}: weights, compiled graphs</td><td>the {@code
 * Blip2} that loaded it</td><td>its stages and sessions</td><td>{@link
 * io.github.blip2j.spi.Backend#load}</td><td>{@link io.github.blip2j.spi.LoadedModel#close}</td>
 * <td>any number at once</td><td>a {@code Blip2} ends texts under way and conversations, waits for
 * other calls, then closes; a model refuses to close under a live session with the number of
 * them</td></tr>
 * <tr><td>{@link io.github.blip2j.spi.LanguageSession}: key/value cache, positions</td><td>the task
 * that opened it</td><td>nobody</td><td>{@link io.github.blip2j.spi.LanguageModel#open}</td>
 * <td>{@link io.github.blip2j.spi.LanguageSession#close}</td><td>one at a time, others are refused;
 * closed by any, behind the call under way; one that texts share is used by whichever of their
 * threads leads the step</td><td>cannot happen: the model refuses</td></tr>
 * <tr><td>a {@code Generation}'s loop, a {@code ChatSession}'s context</td><td>that object, and for
 * it the {@code Blip2}</td><td>nobody</td><td>{@code Blip2.stream}, {@code Blip2.chat}</td><td>its
 * {@code close}, the end of the text, {@code Blip2.close}, or the garbage collector's finding that
 * it was forgotten</td><td>one at a time, others are refused; closed by any</td><td>they are closed
 * first</td></tr>
 * <tr><td>arrays of pixels, patches, queries, features</td><td>the caller</td><td>the stage, during
 * the call</td><td>by either side, on the heap</td><td>garbage collection</td><td>any</td><td>no
 * matter</td></tr>
 * <tr><td>array of logits</td><td>the caller</td><td>the session, during {@code append}</td>
 * <td>by the caller</td><td>garbage collection</td><td>one at a time</td><td>no matter</td></tr>
 * <tr><td>engine (library, thread pools)</td><td>the process</td><td>every model of the
 * backend</td><td>first load</td><td>exit</td><td>any</td><td>cannot happen</td></tr>
 * </table>
 *
 * <p>{@code close()} may be called again anywhere; the second call does nothing.
 */
@NullMarked
package io.github.blip2j.spi;

import org.jspecify.annotations.NullMarked;
