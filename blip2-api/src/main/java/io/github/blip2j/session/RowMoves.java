package io.github.blip2j.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * An order in which rows can be rearranged in place: a row is overwritten only when nobody needs it
 * any more. Where rows are exchanged in a ring, one of them is set aside first.
 */
final class RowMoves {
  /** Stands for the row that is set aside. */
  static final int ASIDE = -1;

  /**
   * One copy of a row.
   *
   * @param from row to read, or {@link #ASIDE}
   * @param to row to write, or {@link #ASIDE}
   */
  record Move(int from, int to) {}

  private RowMoves() {}

  /**
   * Plans to make row i what row {@code rows[i]} was.
   *
   * @param rows sources of the new rows
   * @return copies, in order
   */
  static List<Move> plan(int[] rows) {
    int size = rows.length;
    for (int row : rows) {
      size = Math.max(size, row + 1);
    }
    int[] source = new int[size]; // of a row that is still to be written, else -2
    int[] readers = new int[size];
    java.util.Arrays.fill(source, -2);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] != i) {
        source[i] = rows[i];
        readers[rows[i]]++;
      }
    }
    List<Move> moves = new ArrayList<>();
    Deque<Integer> free = new ArrayDeque<>();
    for (int i = 0; i < rows.length; i++) {
      if (source[i] != -2 && readers[i] == 0) {
        free.add(i);
      }
    }
    drain(free, source, readers, moves);
    for (int i = 0; i < rows.length; i++) {
      if (source[i] == -2) {
        continue;
      }
      moves.add(new Move(i, ASIDE)); // only rings are left: each row has one reader
      for (int j = 0; j < rows.length; j++) {
        if (source[j] == i) {
          source[j] = ASIDE;
        }
      }
      readers[i] = 0;
      free.add(i);
      drain(free, source, readers, moves);
    }
    return moves;
  }

  private static void drain(Deque<Integer> free, int[] source, int[] readers, List<Move> moves) {
    while (!free.isEmpty()) {
      int to = free.remove();
      int from = source[to];
      moves.add(new Move(from, to));
      source[to] = -2;
      if (from != ASIDE && --readers[from] == 0 && source[from] != -2) {
        free.add(from);
      }
    }
  }
}
