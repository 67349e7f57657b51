/** Benchmarks: JMH for parts, commands for the whole at real size. */
@NullMarked
package io.github.blip2j.bench;

import org.jspecify.annotations.NullMarked;
