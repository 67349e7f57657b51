package io.github.blip2j.onnx;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.WeightLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * How a stage's weights lie, and how its session is opened.
 *
 * @param name of the stage
 * @param precision that was asked for
 * @param weights forms of its linear layers
 * @param tables form of its tables
 * @param layout whether the runtime uses weights where they are mapped, or packs a copy of them
 * @param arena whether memory for activations is kept between runs
 */
record StagePlan(
    String name,
    Precision precision,
    Decision<WeightForms> weights,
    Decision<WeightForm> tables,
    Decision<WeightLayout> layout,
    Decision<Boolean> arena) {

  /** What a stage's products and activations are like. */
  enum Kind {
    /** Of one size, and hundreds of rows. */
    VISION,
    /** Of one size, and tens of rows. */
    QFORMER,
    /** As long as a text. */
    TEXT,
    /** The same, beside a model that it guesses for. */
    DRAFT
  }

  /**
   * What a plan starts from.
   *
   * @param target which kernels there are
   * @param layout of weights that both layouts suit, and why
   */
  record Start(GraphTarget target, WeightLayout layout, String reason) {}

  /**
   * Plans a stage.
   *
   * @throws BackendUnavailableException if there is no kernel for the precision
   */
  static StagePlan of(String name, Kind kind, Precision precision, Start start) {
    Decision<WeightForms> weights = weights(name, kind, precision, start.target());
    return new StagePlan(
        name,
        precision,
        weights,
        tables(name, kind, precision, start.target()),
        layout(name, precision, start),
        kind == Kind.TEXT || kind == Kind.DRAFT
            ? decision(name, "arena", false, "it would keep what the longest text took")
            : decision(name, "arena", true, "activations have one size"));
  }

  private static Decision<WeightLayout> layout(String name, Precision precision, Start start) {
    if (start.target() == GraphTarget.CPU && precision == Precision.INT8_WEIGHTS) {
      return decision(name, "layout", WeightLayout.MAPPED, "widened as they are used");
    }
    return start.target() == GraphTarget.CPU && precision != Precision.FLOAT32
        ? decision(name, "layout", WeightLayout.PACKED, "no quantised kernel without packing")
        : decision(name, "layout", start.layout(), start.reason());
  }

  /** Of a model with few bits a float32 table would be a fifth; binary16 is near beside them. */
  private static Decision<WeightForm> tables(
      String name, Kind kind, Precision precision, GraphTarget target) {
    if (kind == Kind.DRAFT) {
      return decision(name, "tables", WeightForm.FLOAT32, "the model's own");
    }
    return target == GraphTarget.CPU && precision != Precision.FLOAT32
        ? decision(name, "tables", WeightForm.FLOAT16, "near enough beside weights of few bits")
        : decision(name, "tables", WeightForm.FLOAT32, "as the checkpoint has them");
  }

  /** The forms alone. */
  StageForms forms() {
    return new StageForms(weights.choice(), tables.choice());
  }

  private static Decision<WeightForms> weights(
      String name, Kind kind, Precision precision, GraphTarget target) {
    if (!kernels(target).contains(precision)) {
      throw new BackendUnavailableException(
          "onnx: precision: expected "
              + (target == GraphTarget.CUDA
                  ? "float32 or float16 on a CUDA device, found "
                  : "float32, int8, int8-weights, int4 or int4-block32 on a processor, found ")
              + precision.label());
    }
    return switch (precision) {
      case FLOAT32 -> decision(name, "weights", WeightForms.FLOAT32, "as the checkpoint has them");
      case INT4 -> decision(name, "weights", WeightForms.INT4, "the largest block that fits");
      case INT4_BLOCK32 ->
          decision(name, "weights", WeightForms.INT4_BLOCK32, "blocks of 32 asked for");
      case INT8 ->
          kind == Kind.VISION
              ? decision(name, "weights", WeightForms.INT8_COLUMNS, "integer products, many rows")
              : decision(
                  name, "weights", WeightForms.INT8, "the largest block that fits, few rows");
      case INT8_WEIGHTS ->
          decision(name, "weights", WeightForms.INT8_WEIGHTS, "activations stay float32");
      default -> decision(name, "weights", WeightForms.FLOAT16, "a CUDA device multiplies 16 bits");
    };
  }

  private static Set<Precision> kernels(GraphTarget target) {
    return target == GraphTarget.CUDA
        ? EnumSet.of(Precision.FLOAT32, Precision.FLOAT16)
        : EnumSet.complementOf(EnumSet.of(Precision.FLOAT16, Precision.BFLOAT16));
  }

  private static <T> Decision<T> decision(String stage, String what, T choice, String reason) {
    return new Decision<>(stage + " " + what, choice, reason);
  }

  /** Whether the runtime has a copy of its linear weights. */
  boolean packed() {
    return layout.choice() == WeightLayout.PACKED;
  }

  List<Decision<?>> decisions() {
    return tables.choice() == WeightForm.FLOAT32
        ? List.of(weights, layout, arena)
        : List.of(weights, tables, layout, arena);
  }
}
