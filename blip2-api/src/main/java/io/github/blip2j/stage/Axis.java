package io.github.blip2j.stage;

/**
 * An axis of a stage's input or output: of a fixed size, or of any, under a letter.
 *
 * @param name letter or word, such as {@code B}; of a fixed axis its size in digits
 * @param size number of elements, or {@link #ANY} if it is known only when the stage runs
 */
public record Axis(String name, int size) {
  /** Stands for a size that is known only when the stage runs. */
  public static final int ANY = -1;

  /** The batch, B. */
  public static final Axis BATCH = any("B");

  /** Checks the size. */
  public Axis {
    if (size < ANY) {
      throw new IllegalArgumentException("axis " + name + ": size (" + size + ") must be >= 0");
    }
  }

  /**
   * An axis of any size.
   *
   * @param name of it; axes of one name have one size in a run
   * @return the axis
   */
  public static Axis any(String name) {
    return new Axis(name, ANY);
  }

  /**
   * An axis of one size.
   *
   * @param size at least 0
   * @return the axis
   */
  public static Axis of(int size) {
    return new Axis(Integer.toString(size), size);
  }

  /**
   * Whether its size is known when the stage is compiled.
   *
   * @return false for {@link #ANY}
   */
  public boolean isFixed() {
    return size != ANY;
  }
}
