package io.github.blip2j.onnx.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The axes of a value, each of a fixed size, of one that has a name, or of one that nothing is
 * known of.
 */
record Shape(List<Axis> axes) {
  /** Copies the list. */
  Shape {
    axes = List.copyOf(axes);
  }

  /**
   * One axis.
   *
   * @param name empty if the size is fixed; {@code ?} if nothing is known of it
   * @param size if it is fixed; else −1
   */
  record Axis(String name, long size) {
    static final Axis UNKNOWN = named("?");

    static Axis fixed(long size) {
      return new Axis("", size);
    }

    static Axis named(String name) {
      return new Axis(name, -1);
    }

    boolean isFixed() {
      return name.isEmpty();
    }

    boolean is(long number) {
      return isFixed() && size == number;
    }

    /** Whether both can have one size. */
    boolean fits(Axis other) {
      return !isFixed() || !other.isFixed() || size == other.size;
    }

    @Override
    public String toString() {
      return isFixed() ? Long.toString(size) : name;
    }
  }

  /**
   * A shape.
   *
   * @param axes a number for a fixed size, a text for the name of one that may be any
   */
  static Shape of(Object... axes) {
    List<Axis> list = new ArrayList<>();
    for (Object axis : axes) {
      if (axis instanceof Long || axis instanceof Integer) {
        list.add(Axis.fixed(((Number) axis).longValue()));
      } else if (axis instanceof String name && !name.isEmpty()) {
        list.add(Axis.named(name));
      } else {
        throw new IllegalArgumentException("expected a size or a name of an axis, found " + axis);
      }
    }
    return new Shape(list);
  }

  /** How many axes there are. */
  int rank() {
    return axes.size();
  }

  /**
   * The size of an axis.
   *
   * @param index from 0, or from −1 backwards
   * @return −1 if it is not fixed
   */
  long size(int index) {
    return axis(index).size();
  }

  Axis axis(int index) {
    return axes.get(place(index));
  }

  /** An axis counted from the front. */
  int place(int index) {
    int place = index < 0 ? rank() + index : index;
    if (place < 0 || place >= rank()) {
      throw new IllegalArgumentException("expected an axis of " + this + ", found " + index);
    }
    return place;
  }

  /** Whether both can be one shape. */
  boolean fits(Shape other) {
    boolean fits = rank() == other.rank();
    for (int i = 0; fits && i < rank(); i++) {
      fits = axes.get(i).fits(other.axes.get(i));
    }
    return fits;
  }

  /** The shape of what is made of both, element by element; empty if there is none. */
  Optional<Shape> broadcast(Shape other) {
    int rank = Math.max(rank(), other.rank());
    List<Axis> common = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Axis mine = fromBehind(rank - i);
      Axis theirs = other.fromBehind(rank - i);
      if (mine.is(1) || theirs.is(1)) {
        common.add(mine.is(1) ? theirs : mine);
      } else if (!mine.fits(theirs)) {
        return Optional.empty();
      } else if (mine.isFixed() || theirs.isFixed()) {
        common.add(mine.isFixed() ? mine : theirs);
      } else {
        common.add(mine.equals(theirs) ? mine : Axis.UNKNOWN);
      }
    }
    return Optional.of(new Shape(common));
  }

  private Axis fromBehind(int distance) {
    return distance > rank() ? Axis.fixed(1) : axis(-distance);
  }

  Shape with(int index, Axis axis) {
    List<Axis> changed = new ArrayList<>(axes);
    changed.set(place(index), axis);
    return new Shape(changed);
  }

  Shape without(int index) {
    List<Axis> fewer = new ArrayList<>(axes);
    fewer.remove(place(index));
    return new Shape(fewer);
  }

  /** With another shape's axes in place of one. */
  Shape replaced(int index, Shape others) {
    List<Axis> changed = new ArrayList<>(axes);
    int place = place(index);
    changed.remove(place);
    changed.addAll(place, others.axes);
    return new Shape(changed);
  }

  /**
   * What Reshape makes of it.
   *
   * @param wanted sizes; 0 for that of the axis in the same place, −1 for what is left
   * @return empty if the elements cannot be laid out so
   */
  Optional<Shape> reshaped(List<Axis> wanted) {
    List<Axis> made = new ArrayList<>();
    List<Axis> spread = new ArrayList<>(axes); // over the axes that are not copied
    List<Axis> named = new ArrayList<>();
    int open = -1;
    for (int i = 0; i < wanted.size(); i++) {
      Axis axis = wanted.get(i);
      if (axis.is(0)) {
        if (i >= rank()) {
          return Optional.empty();
        }
        spread.set(i, Axis.fixed(1));
        made.add(axis(i));
      } else if (axis.is(-1)) {
        open = i;
        made.add(Axis.UNKNOWN);
      } else {
        named.add(axis);
        made.add(axis);
      }
    }
    Shape result = new Shape(made);
    Shape from = new Shape(spread);
    Shape to = new Shape(named);
    if (!from.isFixed() || !to.isFixed()) {
      return Optional.of(open < 0 ? result : result.with(open, from.left(to)));
    }
    if (open < 0) {
      return from.elements() == to.elements() ? Optional.of(result) : Optional.empty();
    }
    return to.elements() == 0 || from.elements() % to.elements() != 0
        ? Optional.empty()
        : Optional.of(result.with(open, Axis.fixed(from.elements() / to.elements())));
  }

  /** What this has beside another shape, as far as their names say it. */
  private Axis left(Shape other) {
    return AxisProduct.of(this)
        .flatMap(mine -> AxisProduct.of(other).flatMap(mine::dividedBy))
        .map(AxisProduct::axis)
        .orElse(Axis.UNKNOWN);
  }

  /** With more axes behind it. */
  Shape followed(Shape others) {
    List<Axis> all = new ArrayList<>(axes);
    all.addAll(others.axes);
    return new Shape(all);
  }

  /** Whether each axis has a size or a name. */
  boolean isNamed() {
    return !axes.contains(Axis.UNKNOWN);
  }

  private boolean isFixed() {
    for (Axis axis : axes) {
      if (!axis.isFixed()) {
        return false;
      }
    }
    return true;
  }

  private long elements() {
    long product = 1;
    for (Axis axis : axes) {
      product = Math.multiplyExact(product, axis.size());
    }
    return product;
  }

  @Override
  public String toString() {
    return axes.stream().map(Axis::toString).collect(Collectors.joining(",", "(", ")"));
  }
}
