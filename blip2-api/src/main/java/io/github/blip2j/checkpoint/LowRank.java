package io.github.blip2j.checkpoint;

/**
 * A change of a matrix (rows, columns): scale · left · right.
 *
 * @param rank columns of left and rows of right
 * @param left (rows, rank)
 * @param right (rank, columns)
 */
record LowRank(int rank, double scale, float[] left, float[] right) {
  /** The same change of the transposed matrix. */
  LowRank transposed() {
    return new LowRank(rank, scale, transposed(right, rank), transposed(left, left.length / rank));
  }

  /** A matrix of so many rows, its columns as rows. */
  private static float[] transposed(float[] matrix, int rows) {
    int columns = matrix.length / rows;
    float[] turned = new float[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        turned[j * rows + i] = matrix[i * columns + j];
      }
    }
    return turned;
  }

  int rows() {
    return left.length / rank;
  }

  int columns() {
    return right.length / rank;
  }

  /** Adds one row of the change. */
  void addTo(double[] row, int index) {
    int columns = columns();
    for (int k = 0; k < rank; k++) {
      double factor = scale * left[index * rank + k];
      int from = k * columns;
      for (int i = 0; i < columns; i++) {
        row[i] += factor * right[from + i];
      }
    }
  }
}
