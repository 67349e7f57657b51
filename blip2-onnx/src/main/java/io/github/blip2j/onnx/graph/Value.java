package io.github.blip2j.onnx.graph;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What tensors of several graphs may stand for: one input, weight, constant or node's output. */
final class Value {
  /** An input that an operator is not given. */
  static final Value ABSENT = new Value("an absent input");

  private final String origin;
  private @Nullable String name;

  private Value(String origin) {
    this.origin = origin;
  }

  static Value named(String name) {
    Value value = new Value(name);
    value.name(name);
    return value;
  }

  /** What a node gives; it gets a name when the model is written, unless it is given one before. */
  static Value of(String op) {
    return new Value(op);
  }

  void name(String chosen) {
    if (name != null) {
      throw new IllegalStateException("expected a value without a name, found " + name);
    }
    name = chosen;
  }

  Optional<String> name() {
    return Optional.ofNullable(name);
  }

  /** For messages. */
  @Override
  public String toString() {
    return name == null ? "the result of " + origin : name;
  }
}
