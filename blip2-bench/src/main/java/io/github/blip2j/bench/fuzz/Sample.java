package io.github.blip2j.bench.fuzz;

import java.util.Objects;

/**
 * A whole file that cases are made of.
 *
 * @param name path below the corpus, or what made it
 * @param bytes its content; not to be changed
 */
record Sample(String name, byte[] bytes) {
  Sample {
    Objects.requireNonNull(name, "name");
    if (bytes.length == 0) {
      throw new IllegalArgumentException(name + ": expected a file with content, found none");
    }
  }
}
