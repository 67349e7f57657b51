/**
 * Contracts that a backend's tests extend, what the reference implementation computed for tiny
 * checkpoints, and a backend of plain arrays in double precision.
 *
 * <p>What the author of a backend does:
 *
 * <ol>
 *   <li>Depend on {@code blip2-testkit} in test scope and on a JUnit engine, and run the tests on
 *       the class path (Surefire: {@code useModulePath} is {@code false}): the contracts look at
 *       what the api does not export.
 *   <li>Name the backend in {@code META-INF/services/io.github.blip2j.spi.Backend}, for the
 *       contracts that go through the facade load it by its id.
 *   <li>Extend each contract that every backend meets, by a class that says which backend it is.
 *   <li>Extend the contracts whose capability the backend has, and only those: a capability that is
 *       there and a contract that is not extended is untested, never the reverse.
 *   <li>Extend a contract again for each further way of running the backend, which {@code
 *       execution()} says, and {@code tolerance()} where its arithmetic is coarser.
 * </ol>
 *
 * <pre>{@code
 * class MyBackendTest extends BackendContract {
 *   @Override
 *   protected Backend backend() {
 *     return new MyBackend();
 *   }
 * }
 * }</pre>
 *
 * <table>
 * <caption>Contracts</caption>
 * <tr><th>contract</th><th>capability that it demands</th></tr>
 * <tr><td>{@link io.github.blip2j.testkit.BackendContract}: tensors of each stage, tokens</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.SessionContract}: rows, positions, refusals</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.TaskContract}: conversations, ranking, caches</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.RetrievalContract}: matching images and texts</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.AttentionContract}: where the Q-Former looks</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.ThreadContract}: threads, interrupts, closing</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.ResourceContract}: files and memory</td><td>none; the
 * backend's memory is native</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.ToyFamilyContract}: a family that no backend knows</td>
 * <td>none</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.PrecisionContract}</td><td>precisions beside
 * float32</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.DraftContract}</td><td>{@link
 * io.github.blip2j.spi.Backend#drafts} has INT4</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.LookaheadContract}</td><td>{@link
 * io.github.blip2j.spi.LanguageModel#stepping}</td></tr>
 * <tr><td>{@link io.github.blip2j.testkit.SingleStepContract}</td><td>{@link
 * io.github.blip2j.spi.LanguageModel#stepping} is empty</td></tr>
 * </table>
 */
@NullMarked
package io.github.blip2j.testkit;

import org.jspecify.annotations.NullMarked;
