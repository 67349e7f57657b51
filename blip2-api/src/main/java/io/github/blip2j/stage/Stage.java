package io.github.blip2j.stage;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A part of a model that a backend compiles for its engine and runs: a function with named inputs
 * and outputs, written once over {@link Ops}. Immutable; safe for many threads.
 */
public final class Stage {
  private final String name;
  private final List<Input> inputs;
  private final List<Output> outputs;
  private final CacheLayout cache;
  private final CacheLayout memory;
  private final Body body;
  private @Nullable WeightUses weights; // looked for once: plans, estimates and loading ask

  /**
   * A stage.
   *
   * @param name for messages and files, such as {@code vision}; a stage without state is called by
   *     it, so it is made like an input's name
   * @param inputs what each run is given, in order
   * @param outputs what each run gives, in the order of the body's list
   * @param cache keys and values of earlier positions that the body appends to by {@link
   *     Ops#cachedAttention}; {@link CacheLayout#NONE} for a stage without state
   * @param memory keys and values of what an encoder read, which the body looks at by {@link
   *     Ops#memoryAttention}; {@link CacheLayout#NONE} if it does not
   * @param body the computation
   */
  public Stage(
      String name,
      List<Input> inputs,
      List<Output> outputs,
      CacheLayout cache,
      CacheLayout memory,
      Body body) {
    this.name = name;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.cache = cache;
    this.memory = memory;
    this.body = body;
  }

  /**
   * A stage without state.
   *
   * @param name of the stage
   * @param inputs what each run is given, in order
   * @param outputs what each run gives, in order
   * @param body the computation
   * @return the stage
   */
  public static Stage of(String name, List<Input> inputs, List<Output> outputs, Body body) {
    return new Stage(name, inputs, outputs, CacheLayout.NONE, CacheLayout.NONE, body);
  }

  /**
   * What it is called.
   *
   * @return its name
   */
  public String name() {
    return name;
  }

  /**
   * What each run is given.
   *
   * @return in order, unmodifiable
   */
  public List<Input> inputs() {
    return inputs;
  }

  /**
   * What each run gives.
   *
   * @return in order, unmodifiable
   */
  public List<Output> outputs() {
    return outputs;
  }

  /**
   * Keys and values of earlier positions that it appends to.
   *
   * @return their layout; {@link CacheLayout#NONE} without state
   */
  public CacheLayout cache() {
    return cache;
  }

  /**
   * Keys and values of what an encoder read.
   *
   * @return their layout; {@link CacheLayout#NONE} if it looks at none
   */
  public CacheLayout memory() {
    return memory;
  }

  /**
   * Runs the body over an interpreter.
   *
   * @param ops the interpreter
   * @param values what it makes of each of the inputs, by name
   * @param <T> what the interpreter makes of a value
   * @return values in the order of the outputs
   */
  public <T> List<T> apply(Ops<T> ops, Map<String, T> values) {
    return body.apply(ops, new Inputs<>(values));
  }

  /**
   * Which weights the body asks for, found by running it over an interpreter that computes nothing,
   * the first time that they are asked for.
   *
   * @return its weights by role
   */
  public synchronized WeightUses weights() {
    if (weights == null) {
      WeightCollector collector = new WeightCollector();
      collector.look(this);
      weights = collector.uses();
    }
    return weights;
  }

  @Override
  public String toString() {
    return "stage " + name;
  }

  /**
   * Values that a body is given.
   *
   * @param values by name
   * @param <T> what an interpreter makes of a value
   */
  public record Inputs<T>(Map<String, T> values) {
    /**
     * One of them.
     *
     * @param name of an input
     * @return its value
     * @throws IllegalArgumentException if there is none; names those that there are
     */
    public T get(String name) {
      T value = values.get(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "expected an input of " + values.keySet() + ", found " + name);
      }
      return value;
    }
  }

  /** Type of an input's numbers. */
  public enum Type {
    /** Real numbers. */
    FLOAT32,
    /** Whole numbers. */
    INT64
  }

  /**
   * What a run is given.
   *
   * @param name unique among the stage's inputs: a letter, then letters, digits and underscores
   * @param type of its numbers
   * @param axes outermost first; at least two, the batch first
   */
  public record Input(String name, Type type, List<Axis> axes) {
    /** Copies the axes. */
    public Input {
      axes = List.copyOf(axes);
    }

    /**
     * Real numbers.
     *
     * @param name of the input
     * @param axes outermost first
     * @return the input
     */
    public static Input floats(String name, Axis... axes) {
      return new Input(name, Type.FLOAT32, List.of(axes));
    }

    /**
     * Whole numbers, such as token ids.
     *
     * @param name of the input
     * @param axes outermost first
     * @return the input
     */
    public static Input integers(String name, Axis... axes) {
      return new Input(name, Type.INT64, List.of(axes));
    }
  }

  /**
   * What a run gives, in float32.
   *
   * @param name unique among the stage's outputs
   * @param axes outermost first
   */
  public record Output(String name, List<Axis> axes) {
    /** Copies the axes. */
    public Output {
      axes = List.copyOf(axes);
    }

    /**
     * An output.
     *
     * @param name of the output
     * @param axes outermost first
     * @return the output
     */
    public static Output of(String name, Axis... axes) {
      return new Output(name, List.of(axes));
    }
  }

  /** A computation over any interpreter; a method reference can be one. */
  @FunctionalInterface
  public interface Body {
    /**
     * Computes.
     *
     * @param ops the interpreter
     * @param inputs values of the stage's inputs
     * @param <T> what the interpreter makes of a value
     * @return values in the order of the stage's outputs
     */
    <T> List<T> apply(Ops<T> ops, Inputs<T> inputs);
  }
}
