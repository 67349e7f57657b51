package io.github.blip2j.onnx;

/**
 * The forms in which a stage's weights lie in files.
 *
 * @param linear of its linear layers
 * @param tables of its tables, {@link WeightForm#FLOAT32} or {@link WeightForm#FLOAT16}
 */
record StageForms(WeightForms linear, WeightForm tables) {
  /** Everything as float32. */
  static final StageForms FLOAT32 = new StageForms(WeightForms.FLOAT32, WeightForm.FLOAT32);
}
