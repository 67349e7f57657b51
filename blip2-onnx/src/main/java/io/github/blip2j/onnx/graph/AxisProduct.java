package io.github.blip2j.onnx.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The size of axes that are laid out as one: a number times sizes that have names, written {@code
 * 257*batch}. A name means one size in all of a graph, so that two axes of one product are equally
 * long.
 *
 * @param names in alphabetical order, one for each time that it is a factor
 */
record AxisProduct(long factor, List<String> names) {
  private static final String TIMES = "*";

  AxisProduct {
    names = List.copyOf(names);
  }

  /** How many elements a shape has; empty if something is known of an axis not even by name. */
  static Optional<AxisProduct> of(Shape shape) {
    long factor = 1;
    List<String> names = new ArrayList<>();
    for (Shape.Axis axis : shape.axes()) {
      if (axis.equals(Shape.Axis.UNKNOWN)) {
        return Optional.empty();
      }
      for (String part : axis.toString().split("\\*")) {
        if (part.chars().allMatch(Character::isDigit)) {
          factor = Math.multiplyExact(factor, Long.parseLong(part));
        } else {
          names.add(part);
        }
      }
    }
    Collections.sort(names);
    return Optional.of(new AxisProduct(factor, names));
  }

  /** The size of two axes one behind the other, which has a name if both have. */
  static Shape.Axis sum(Shape.Axis first, Shape.Axis second) {
    boolean named = !first.equals(Shape.Axis.UNKNOWN) && !second.equals(Shape.Axis.UNKNOWN);
    String sum = "(" + first + "+" + second + ")";
    return named && !sum.contains(TIMES) ? Shape.Axis.named(sum) : Shape.Axis.UNKNOWN;
  }

  /** What is left beside another; empty if it does not divide this. */
  Optional<AxisProduct> dividedBy(AxisProduct other) {
    List<String> left = new ArrayList<>(names);
    for (String name : other.names) {
      if (!left.remove(name)) {
        return Optional.empty();
      }
    }
    return other.factor == 0 || factor % other.factor != 0
        ? Optional.empty()
        : Optional.of(new AxisProduct(factor / other.factor, left));
  }

  Shape.Axis axis() {
    if (names.isEmpty()) {
      return Shape.Axis.fixed(factor);
    }
    String product = String.join(TIMES, names);
    return Shape.Axis.named(factor == 1 ? product : factor + TIMES + product);
  }
}
