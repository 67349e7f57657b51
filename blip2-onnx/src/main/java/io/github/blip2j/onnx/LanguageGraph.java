package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT32;
import static io.github.blip2j.onnx.OnnxGraph.INT64;

import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.nn.OptDecoder;

/**
 * The graph of one language model step and the names of what it is given and gives. The cache of a
 * layer is both: input and output are one buffer (B, H, capacity, d/H), written in place.
 */
final class LanguageGraph {
  /** (B,F,d) float32. */
  static final String FEATURES = "features";

  /** (B,T) int64. */
  static final String IDS = "ids";

  /** (B,F+T) int64, position of each vector in its row. */
  static final String PLACES = "places";

  /** (B) int32, index of each row's last key. */
  static final String LAST_KEY = "last_key";

  /** () int32, keys of the longest row. */
  static final String TOTAL = "total";

  /** (L) int64, index among all B·(F+T) of each new vector that logits are wanted after. */
  static final String LAST_ROW = "last_row";

  /** (L,V) float32. */
  static final String LOGITS = "logits";

  private LanguageGraph() {}

  static String past(String what, int layer) {
    return "past_" + what + "_" + layer;
  }

  static String present(String what, int layer) {
    return "present_" + what + "_" + layer;
  }

  static byte[] compile(OptConfig config, OptDecoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("language_model");
    OnnxOps ops = new OnnxOps(graph, places);
    graph.input(FEATURES, FLOAT, "B", "F", (long) config.hiddenSize());
    graph.input(IDS, INT64, "B", "T");
    graph.input(PLACES, INT64, "B", "S");
    cache(graph, config);
    OnnxValue features = ops.input(FEATURES, OnnxValue.ANY, config.hiddenSize());
    OnnxValue ids = ops.numbers(IDS, features);
    OnnxValue logits = decoder.forward(ops, features, ids, ops.numbers(PLACES, features));
    graph.output(LOGITS, ops.flat(logits), FLOAT, "L", (long) config.vocabularySize());
    return graph.toModel();
  }

  /** Width of a head in the cache: GroupQueryAttention wants a multiple of eight. */
  static int cachedWidth(int headWidth) {
    return (headWidth + 7) / 8 * 8;
  }

  /** Declares what every decoder's step has: its cache, and where the rows end. */
  static void cache(OnnxGraph graph, TextConfig config) {
    Long heads = (long) config.heads();
    Long headWidth = (long) cachedWidth(config.headWidth());
    graph.input(LAST_KEY, INT32, "B");
    graph.input(TOTAL, INT32);
    graph.input(LAST_ROW, INT64, "L");
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String what : new String[] {"key", "value"}) {
        graph.input(past(what, layer), FLOAT, "B", heads, "C", headWidth);
        graph.declareOutput(present(what, layer), FLOAT, "B", heads, "C", headWidth);
      }
    }
  }
}
