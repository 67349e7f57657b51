package io.github.blip2j.onnx;

import io.github.blip2j.files.WeightTensor;
import java.util.List;

/** Which forms a stage's linear layers have: the first whose block divides a layer's inputs. */
enum WeightForms {
  /** All as they are. */
  FLOAT32(WeightForm.FLOAT32),

  /** All in binary16. */
  FLOAT16(WeightForm.FLOAT16),

  /** Four bits in the largest block that fits. */
  INT4(WeightForm.INT4_BLOCK128, WeightForm.INT4_BLOCK32, WeightForm.INT4_BLOCK16),

  /** Four bits in blocks of 32 at most. */
  INT4_BLOCK32(WeightForm.INT4_BLOCK32, WeightForm.INT4_BLOCK16),

  /** Eight bits in the largest block that fits: for few rows. */
  INT8(WeightForm.INT8_BLOCK128, WeightForm.INT8_BLOCK32, WeightForm.INT8_BLOCK16),

  /** The same, widened as they are used: activations stay float32. */
  INT8_WEIGHTS(WeightForm.INT8_BLOCK128, WeightForm.INT8_BLOCK32, WeightForm.INT8_BLOCK16),

  /** Eight bits and a product of integers: for hundreds of rows. */
  INT8_COLUMNS(WeightForm.INT8_COLUMNS);

  private final List<WeightForm> tried;

  WeightForms(WeightForm... tried) {
    this.tried = List.of(tried);
  }

  /** Whether a product rounds its activations to eight bits, block by block. */
  boolean roundsActivations() {
    return this != INT8_WEIGHTS;
  }

  /** The form of a layer's weight; float32 where no block fits. */
  WeightForm of(WeightTensor weight) {
    for (WeightForm form : tried) {
      if (form.block() == 0 || weight.size(1) % form.block() == 0) {
        return form;
      }
    }
    return WeightForm.FLOAT32;
  }
}
