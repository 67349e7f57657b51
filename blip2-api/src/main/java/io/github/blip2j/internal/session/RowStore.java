package io.github.blip2j.internal.session;

/** Where a session keeps its rows' keys and values, as far as moving rows about goes. */
public interface RowStore extends AutoCloseable {
  /** Makes room for so many rows at least; those that are there stay. */
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

  /** From now on the first so many rows are the session's. */
  void rows(int rows);

  @Override
  void close();
}
