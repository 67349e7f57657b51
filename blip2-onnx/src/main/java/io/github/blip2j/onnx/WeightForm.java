package io.github.blip2j.onnx;

import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.checkpoint.HeadConfig;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Precision;
import java.util.List;

/** How a weight lies in a file for the runtime. */
enum WeightForm {
  /** As it is stored, widened if need be. */
  FLOAT32(DType.F32, 32, 0),

  /** The same in binary16. */
  FLOAT16(DType.F16, 16, 0),

  /** (out, blocks, block/2): two weights a byte, the first in the lower half; 8 stands for 0. */
  INT4_BLOCK128(DType.U8, 4, 128),

  /** The same in blocks of 32. */
  INT4_BLOCK32(DType.U8, 4, 32),

  /** The same in blocks of 16, for layers that no larger block divides. */
  INT4_BLOCK16(DType.U8, 4, 16),

  /** (out, blocks, block): a weight a byte; 128 stands for 0. */
  INT8_BLOCK128(DType.U8, 8, 128),

  /** The same in blocks of 32. */
  INT8_BLOCK32(DType.U8, 8, 32),

  /** The same in blocks of 16. */
  INT8_BLOCK16(DType.U8, 8, 16),

  /**
   * (in, out): a weight from −64 to 64 in a byte, with one scale for each output. Larger ones would
   * overflow the 16-bit sums of processors that multiply bytes in pairs; without them every
   * processor has the same integers.
   */
  INT8_COLUMNS(DType.I8, 8, 0);

  private final DType dtype;
  private final int bits;
  private final int block;

  WeightForm(DType dtype, int bits, int block) {
    this.dtype = dtype;
    this.bits = bits;
    this.block = block;
  }

  DType dtype() {
    return dtype;
  }

  int bits() {
    return bits;
  }

  /** Weights that share a scale; 0 if all of an output do. */
  int block() {
    return block;
  }

  boolean quantized() {
    return this != FLOAT32 && this != FLOAT16;
  }

  /** Shape of the stored values. */
  List<Long> shape(WeightTensor weight) {
    if (!quantized()) {
      return weight.shape();
    }
    long out = weight.shape().get(0);
    long in = weight.shape().get(1);
    return this == INT8_COLUMNS
        ? List.of(in, out)
        : List.of(out, in / block, (long) block * bits / 8);
  }

  /** Shape of the scales. */
  List<Long> scales(WeightTensor weight) {
    long out = weight.shape().get(0);
    return this == INT8_COLUMNS ? List.of(out) : List.of(out, weight.shape().get(1) / block);
  }

  /** Which forms a stage's linear layers have. */
  interface Choice {
    WeightForm of(WeightTensor weight);

    /** Whether keys, values and attention to them are binary16 as well. */
    default boolean halves() {
      return false;
    }

    /** Whether the graph is for a card. */
    default boolean card() {
      return false;
    }
  }

  private record OnCard(Choice forms, boolean halves) implements Choice {
    @Override
    public WeightForm of(WeightTensor weight) {
      return forms.of(weight);
    }

    @Override
    public boolean card() {
      return true;
    }
  }

  /** All as they are. */
  static final Choice PLAIN = weight -> FLOAT32;

  /**
   * The forms of a precision: the first whose block divides the layer's inputs, else float32.
   *
   * @param image whether the stage has hundreds of rows, for which eight bits are a product of
   *     integers
   * @param card whether it runs on a card, which multiplies binary16 and has no integer kernels
   * @throws BackendUnavailableException if there is no kernel for it
   */
  static Choice of(Precision precision, boolean image, boolean card) {
    if (card) {
      return switch (precision) {
        case FLOAT32 -> new OnCard(PLAIN, false);
        case FLOAT16 -> new OnCard(weight -> FLOAT16, true);
        default ->
            throw new BackendUnavailableException(
                "onnx: precision: expected float32 or float16 on a card, found "
                    + precision.label());
      };
    }
    return switch (precision) {
      case FLOAT32 -> PLAIN;
      case INT4 -> weight -> first(weight, INT4_BLOCK128, INT4_BLOCK32, INT4_BLOCK16);
      case INT4_BLOCK32 -> weight -> first(weight, INT4_BLOCK32, INT4_BLOCK16);
      case INT8 ->
          image
              ? weight -> INT8_COLUMNS
              : weight -> first(weight, INT8_BLOCK128, INT8_BLOCK32, INT8_BLOCK16);
      default ->
          throw new BackendUnavailableException(
              "onnx: precision: expected float32, int8, int4 or int4-block32 on a processor, found "
                  + precision.label());
    };
  }

  /**
   * The forms of a language model's layers. On a card T5 keeps float32 in its attention, whose
   * fused operator takes no position bias there, and in the layers that Transformers keeps in
   * float32 because they overflow ({@code T5PreTrainedModel._keep_in_fp32_modules}).
   */
  static Choice ofLanguage(HeadConfig head, Precision precision, boolean card) {
    Choice forms = of(precision, false, card);
    if (!forms.halves() || !(head instanceof T5Config)) {
      return forms;
    }
    return new OnCard(
        weight -> weight.name().endsWith(".wo.weight") ? FLOAT32 : forms.of(weight), false);
  }

  private static WeightForm first(WeightTensor weight, WeightForm... forms) {
    for (WeightForm form : forms) {
      if (weight.size(1) % form.block() == 0) {
        return form;
      }
    }
    return FLOAT32;
  }
}
