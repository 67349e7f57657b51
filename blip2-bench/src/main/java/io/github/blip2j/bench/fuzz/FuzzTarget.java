package io.github.blip2j.bench.fuzz;

import java.io.IOException;
import java.util.List;

/** One way into the library for a file that somebody else wrote. Used by one thread. */
interface FuzzTarget extends AutoCloseable {
  /** The whole files that cases are made of; at least one, always in the same order. */
  List<Sample> samples();

  /**
   * Reads a damaged file and uses what it gave.
   *
   * @param sample what it was made of
   * @param bytes the damaged file
   * @return what came of it, where that must not depend on the damage; else empty
   * @throws IOException if this target's own files cannot be written: an error of the campaign
   * @throws RuntimeException the library's own types are a refusal, every other one is a finding
   */
  String attempt(Sample sample, byte[] bytes) throws IOException;

  /** What {@link #attempt} gives for the whole file; empty where that is not compared. */
  default String expected(Sample sample) {
    return "";
  }

  @Override
  void close() throws IOException;
}
