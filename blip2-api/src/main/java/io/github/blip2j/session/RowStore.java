package io.github.blip2j.session;

/**
 * Where a session keeps its rows' keys and values, as far as moving rows about goes. For one thread
 * at a time; owned by its session.
 */
public interface RowStore extends AutoCloseable {
  /**
   * Makes room for so many rows at least; those that are there stay.
   *
   * @param rows at least 1
   */
  void reserve(int rows);

  /**
   * Copies positions of one row over those of another, in every layer.
   *
   * @param from row to read
   * @param to row to write
   * @param start first position
   * @param end behind the last position
   */
  void copy(int from, int to, int start, int end);

  /**
   * From now on the first so many rows are the session's.
   *
   * @param rows at least 1
   */
  void rows(int rows);

  /** Frees it; called once. */
  @Override
  void close();
}
