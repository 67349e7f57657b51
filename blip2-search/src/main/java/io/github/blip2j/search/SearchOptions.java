package io.github.blip2j.search;

import java.util.Map;
import java.util.TreeMap;

/**
 * How to search.
 *
 * @param limit most hits, 1 to 10 000
 * @param candidates images or texts that are compared exactly, at least {@code limit}: more find
 *     better and take longer
 * @param filter fields with the value that a hit must have; empty for all
 */
public record SearchOptions(int limit, int candidates, Map<String, String> filter) {
  private static final int MOST = 10_000;
  private static final int LEAST_CANDIDATES = 300;

  /** Checks the numbers and copies the filter. */
  public SearchOptions {
    if (limit < 1 || limit > MOST) {
      throw new IllegalArgumentException("limit (" + limit + ") must be 1 to " + MOST);
    }
    if (candidates < limit) {
      throw new IllegalArgumentException(
          "candidates (" + candidates + ") must be at least limit (" + limit + ")");
    }
    filter = Map.copyOf(filter);
  }

  /**
   * So many hits, among at least 300 candidates and at least four for each hit.
   *
   * @param limit most hits
   * @return the options
   */
  public static SearchOptions best(int limit) {
    return new SearchOptions(limit, Math.max(LEAST_CANDIDATES, 4 * limit), Map.of());
  }

  /**
   * The same with a filter.
   *
   * @param fields name and value that a hit must have
   * @return the changed options
   */
  public SearchOptions withFilter(Map<String, String> fields) {
    return new SearchOptions(limit, candidates, fields);
  }

  /**
   * The same with another number of candidates.
   *
   * @param number that are compared exactly
   * @return the changed options
   */
  public SearchOptions withCandidates(int number) {
    return new SearchOptions(limit, number, filter);
  }

  /**
   * The limit, and what differs from {@link #best} with it.
   *
   * @return such as {@code SearchOptions[limit=10, filter={album=summer}]}
   */
  @Override
  public String toString() {
    String compared = candidates == best(limit).candidates ? "" : ", candidates=" + candidates;
    String fields = filter.isEmpty() ? "" : ", filter=" + new TreeMap<>(filter);
    return "SearchOptions[limit=" + limit + compared + fields + "]";
  }
}
