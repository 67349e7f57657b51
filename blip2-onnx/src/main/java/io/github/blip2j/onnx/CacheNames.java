package io.github.blip2j.onnx;

/**
 * What a decoder's cache and the ends of its rows are called in a graph.
 *
 * @param past beginning of the names of keys and values before the step
 * @param present the same after it
 * @param lastKey (B) int32, index of each row's last key
 * @param total () int32, keys of the longest row
 * @param lastRow (L) int64, index among all B·(F+T) of each new vector that logits are wanted after
 */
record CacheNames(String past, String present, String lastKey, String total, String lastRow) {
  /** Of a step's own inputs and outputs. */
  static final CacheNames STEP =
      new CacheNames(
          "past", "present", LanguageGraph.LAST_KEY, LanguageGraph.TOTAL, LanguageGraph.LAST_ROW);

  /** Of a step that a loop goes on from. */
  static final CacheNames FIRST =
      new CacheNames(
          "past",
          "first_present",
          LanguageGraph.LAST_KEY,
          LanguageGraph.TOTAL,
          LanguageGraph.LAST_ROW);

  /** Of a step within a loop. */
  static final CacheNames LOOP =
      new CacheNames("loop_past", "loop_present", "loop_last_key", "loop_total", "loop_rows");

  String past(String what, int layer) {
    return past + "_" + what + "_" + layer;
  }

  String present(String what, int layer) {
    return present + "_" + what + "_" + layer;
  }
}
