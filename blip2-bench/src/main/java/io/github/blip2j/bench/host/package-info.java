/** What benchmarks and campaigns ask of the machine: memory of the process, folders to spoil. */
@NullMarked
package io.github.blip2j.bench.host;

import org.jspecify.annotations.NullMarked;
