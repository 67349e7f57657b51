package io.github.blip2j.onnx;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Precision;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.files.DType;
import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.WeightUses;
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

  /** The form of a layer that must not be rounded to 16 bits. */
  WeightForm inFloat32() {
    return this == FLOAT16 ? FLOAT32 : this;
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
   * The forms of a language model's layers. On a GPU the cache stays float32 where attention to it
   * has a bias, which the fused operator does not take there.
   */
  static Choice ofLanguage(LanguageProgram program, Precision precision, boolean card) {
    Choice forms = of(precision, false, card);
    boolean biased = WeightUses.of(program.decoder()).cachedBias();
    return forms.halves() && biased ? new OnCard(forms, false) : forms;
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
