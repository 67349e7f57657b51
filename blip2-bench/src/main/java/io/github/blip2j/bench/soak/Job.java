package io.github.blip2j.bench.soak;

/**
 * A task with one right answer.
 *
 * @param name says what it does, of which model and image
 * @param work does it and gives the answer, exactly; safe for many threads
 */
record Job(String name, Work work) {
  /** What a job does. */
  interface Work {
    String run() throws Exception;
  }
}
