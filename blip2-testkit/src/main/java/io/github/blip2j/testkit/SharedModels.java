package io.github.blip2j.testkit;

import io.github.blip2j.Blip2;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Models that the tests of a class share, each opened when the first one asks for it: opening costs
 * more than most of what is asked of a tiny model. For one thread.
 */
final class SharedModels implements AutoCloseable {
  private final Map<String, Blip2> opened = new HashMap<>();
  private final Function<String, Blip2> opening;

  /**
   * Opens nothing yet.
   *
   * @param opening a fixture's name to its model, which is closed with the others
   */
  SharedModels(Function<String, Blip2> opening) {
    this.opening = opening;
  }

  /** The model of a fixture. Not to be closed by a test. */
  Blip2 of(String name) {
    return opened.computeIfAbsent(name, opening);
  }

  @Override
  public void close() {
    opened.values().forEach(Blip2::close);
    opened.clear();
  }
}
