/**
 * Damaged files against everything that reads files: {@code blip2-bench/run fuzz}. A parent process
 * starts a worker for each target, so that a death of the JVM is a finding like any other; every
 * case follows from a seed and its number alone.
 */
@NullMarked
package io.github.blip2j.bench.fuzz;

import org.jspecify.annotations.NullMarked;
