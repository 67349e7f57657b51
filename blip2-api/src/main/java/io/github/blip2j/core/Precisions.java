package io.github.blip2j.core;

/**
 * A precision for each stage of a model.
 *
 * @param vision of the vision encoder
 * @param qformer of the Q-Former, its projection and the heads that match
 * @param language of the language model, its head included
 */
public record Precisions(Precision vision, Precision qformer, Precision language) {
  /**
   * The usual choice under one name: the Q-Former, a hundredth of the time, stays float32, and so
   * does the vision encoder where the language model has four bits; with eight bits both have them,
   * and with sixteen bits all have.
   *
   * @param precision which
   * @return {@code float32}: all; {@code float16}, {@code bfloat16}: all; {@code int8}: vision
   *     encoder and language model; {@code int8-weights}: vision encoder and Q-Former, beside a
   *     language model of {@code int8}; {@code int4}, {@code int4-block32}: the language model
   */
  public static Precisions of(Precision precision) {
    return switch (precision) {
      case INT8 -> new Precisions(Precision.INT8, Precision.FLOAT32, Precision.INT8);
      case INT8_WEIGHTS -> new Precisions(precision, precision, Precision.INT8);
      case INT4, INT4_BLOCK32 -> new Precisions(Precision.FLOAT32, Precision.FLOAT32, precision);
      default -> new Precisions(precision, precision, precision);
    };
  }

  /**
   * Reads names: one for all stages by {@link #of}, or {@code vision,qformer,language}.
   *
   * @param names such as {@code int4} or {@code int8,float32,int4}
   * @return the precisions
   * @throws IllegalArgumentException if a name is none, or there are not one or three
   */
  public static Precisions parse(String names) {
    String[] parts = names.split(",", -1);
    return switch (parts.length) {
      case 1 -> of(Precision.parse(parts[0]));
      case 3 ->
          new Precisions(
              Precision.parse(parts[0]), Precision.parse(parts[1]), Precision.parse(parts[2]));
      default ->
          throw new IllegalArgumentException(
              "precisions (" + names + ") must be one name, or three for vision,qformer,language");
    };
  }

  /**
   * The names.
   *
   * @return {@code vision,qformer,language}
   */
  public String label() {
    return vision.label() + "," + qformer.label() + "," + language.label();
  }
}
