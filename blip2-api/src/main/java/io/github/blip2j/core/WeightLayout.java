package io.github.blip2j.core;

/** Where float32 weights lie while a model runs on a CPU. Results do not differ. */
public enum WeightLayout {
  /**
   * In the checkpoint's own files, mapped: the model opens in about a second, and the memory is the
   * system's file cache. The default. Backend {@code djl} packs the image stages all the same.
   */
  MAPPED,

  /**
   * Reordered for this processor while loading, in private memory of the weights' size; beside a
   * draft only the language model's. Loading takes tens of seconds at real size; all stages are
   * somewhat faster then, and a step of several rows (beams, several sequences, batches) costs
   * little more than a step of one.
   */
  PACKED
}
