package io.github.blip2j.mcp;

import io.github.blip2j.search.Hit;
import java.util.List;

/** Finds images by a text. For one thread at a time. */
interface Finder extends AutoCloseable {
  /**
   * What was found.
   *
   * @param hits the most similar first
   * @param searched images that were looked at
   * @param left images that are new and will be looked at by the next searches
   * @param unreadable files that look like images and are none
   */
  record Found(List<Hit> hits, int searched, int left, int unreadable) {}

  /** Finds the best. */
  Found find(String query, int limit);

  @Override
  void close();
}
