package io.github.blip2j.onnx;

/**
 * The names of what a decoder's step is given and gives in a graph.
 *
 * @param past beginning of the names of keys and values before the step
 * @param present the same after it
 * @param ids (B,1) int64, of a step within a loop
 * @param lastKey (B) int32, index of each row's last key
 * @param total () int32, keys of the longest row
 * @param lastRow (L) int64, index among all B·(F+T) of each new vector that logits are wanted after
 * @param memoryBias (P,1,R·T,S), what the rows of each prompt do not see of what an encoder read
 */
record StepNames(
    String past,
    String present,
    String ids,
    String lastKey,
    String total,
    String lastRow,
    String memoryBias) {
  /** Of a step's own inputs and outputs. */
  static final StepNames STEP = named("present");

  /** Of a step that a loop goes on from: its cache is not yet the graph's output. */
  static final StepNames FIRST = named("first_present");

  /** Within a loop. */
  static final StepNames LOOP =
      new StepNames(
          "loop_past",
          "loop_present",
          "loop_ids",
          "loop_last_key",
          "loop_total",
          "loop_rows",
          "loop_memory_bias");

  private static StepNames named(String present) {
    return new StepNames(
        "past",
        present,
        "ids",
        StageGraph.LAST_KEY,
        StageGraph.TOTAL,
        StageGraph.LAST_ROW,
        StageGraph.MEMORY_BIAS);
  }

  String past(String what, int layer) {
    return past + "_" + what + "_" + layer;
  }

  String present(String what, int layer) {
    return present + "_" + what + "_" + layer;
  }
}
