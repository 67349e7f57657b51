package io.github.blip2j;

/** Where the language model's float32 weights lie while it runs on a CPU. Results do not differ. */
public enum WeightLayout {
  /**
   * In the checkpoint's own files, mapped: the model opens in about a second, the memory is the
   * system's file cache, and one text at a time is written as fast as memory can be read. The
   * default.
   */
  MAPPED,

  /**
   * Reordered for this processor while loading, in private memory of the weights' size. Loading
   * takes tens of seconds at real size; a step of several rows (beams, several sequences, batches)
   * then costs little more than a step of one.
   */
  PACKED
}
