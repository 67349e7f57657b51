package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.nn.OptDecoder;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;

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

  /** () int64, steps that a loop takes after the first; only of a graph with a loop. */
  static final String STEPS = "steps";

  /** (E) int64, tokens that end a text; only of a graph with a loop. */
  static final String ENDS = "ends";

  /** (N,B,1) int64, what each step of the loop appended; only of a graph with a loop. */
  static final String APPENDED = "appended";

  /** (N,B,V) float32, after each step of the loop; only of a graph with a loop. */
  static final String AHEAD = "ahead";

  private LanguageGraph() {}

  static String past(String what, int layer) {
    return StepNames.STEP.past(what, layer);
  }

  static String present(String what, int layer) {
    return StepNames.STEP.present(what, layer);
  }

  static byte[] compile(OptConfig config, OptDecoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("language_model");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.STEP);
    cacheOutputs(graph, config);
    graph.output(LOGITS, logits.tensor(), "L", config.vocabularySize());
    return graph.toModel();
  }

  /**
   * A step, and then as many more as are asked for, in which each row's likeliest or drawn token
   * goes straight into the next: the cache stays on the device in between. The loop ends early
   * where every row's token is an end. A step alone is this graph with no steps after the first.
   */
  static byte[] compileWithLoop(OptConfig config, OptDecoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("language_model");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.FIRST);
    graph.output(LOGITS, logits.tensor(), "L", config.vocabularySize());
    new DecodingLoopGraph(config, places, new OptLoopStep(config, decoder))
        .append(graph, logits.tensor());
    return graph.toModel();
  }

  /** A step within a loop; features are none, and a token's place is that of its key. */
  private record OptLoopStep(OptConfig config, OptDecoder decoder)
      implements DecodingLoopGraph.Step {
    private static final String NO_FEATURES = "loop_features";

    @Override
    public void prepare(OnnxGraph graph) {
      Tensor features = graph.value(FEATURES);
      features.slice(1, 0, 0).named(NO_FEATURES); // (B,0,d)
    }

    @Override
    public OnnxValue logits(OnnxGraph body, OnnxOps ops) {
      OnnxValue features = ops.input(body.value(NO_FEATURES), OnnxValue.ANY);
      OnnxValue ids = features.with(body.value(StepNames.LOOP.ids()));
      Tensor keys = ops.cast(body.value(StepNames.LOOP.lastKey()), INT64);
      return decoder.forward(ops, features, ids, features.with(keys.reshape(-1, 1)));
    }
  }

  private static OnnxValue step(
      OnnxGraph graph, OptConfig config, OptDecoder decoder, WeightPlaces places, StepNames names) {
    OnnxOps ops = new OnnxOps(graph, places, names);
    Tensor prefix = graph.input(FEATURES, FLOAT32, "B", "F", config.hiddenSize());
    Tensor tokens = graph.input(IDS, INT64, "B", "T");
    Tensor positions = graph.input(PLACES, INT64, "B", "S");
    cacheInputs(graph, config, places);
    OnnxValue features = ops.input(prefix, OnnxValue.ANY);
    OnnxValue ids = features.with(tokens);
    OnnxValue logits = decoder.forward(ops, features, ids, features.with(positions));
    return logits.with(ops.flat(logits));
  }

  /** Width of a head in the cache: GroupQueryAttention wants a multiple of eight. */
  static int cachedWidth(int headWidth) {
    return (headWidth + 7) / 8 * 8;
  }

  /** Type of keys and values. */
  static ElementType cacheType(WeightPlaces places) {
    return places.halves() ? ElementType.FLOAT16 : FLOAT32;
  }

  /** Declares what every decoder's step is given: its cache, and where the rows end. */
  static void cacheInputs(OnnxGraph graph, TextConfig config, WeightPlaces places) {
    graph.input(LAST_KEY, INT32, "B");
    graph.input(TOTAL, INT32);
    graph.input(LAST_ROW, INT64, "L");
    forEach(
        config, (what, layer) -> graph.input(past(what, layer), cacheType(places), shape(config)));
  }

  /** Declares the cache that every decoder's step gives. */
  static void cacheOutputs(OnnxGraph graph, TextConfig config) {
    forEach(
        config, (what, layer) -> graph.output(graph.value(present(what, layer)), shape(config)));
  }

  /** Axes of a layer's keys or values. */
  static Object[] shape(TextConfig config) {
    return new Object[] {"B", config.heads(), "C", cachedWidth(config.headWidth())};
  }

  /** Keys or values of a layer. */
  interface Part {
    void accept(String what, int layer);
  }

  /** Keys and values of every layer, in order. */
  static void forEach(TextConfig config, Part part) {
    for (int layer = 0; layer < config.layers(); layer++) {
      part.accept("key", layer);
      part.accept("value", layer);
    }
  }
}
