/**
 * Hours of mixed use: {@code blip2-bench/run soak}. Many threads do every kind of task at once, and
 * each answer must be the one that the task gave alone.
 */
@NullMarked
package io.github.blip2j.bench.soak;

import org.jspecify.annotations.NullMarked;
