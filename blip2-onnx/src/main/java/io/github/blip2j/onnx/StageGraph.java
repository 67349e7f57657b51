package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.Stage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compiles stages to graphs. The KV cache of a decoder's layer is input and output at once: one
 * buffer (B, G, capacity, d), written in place.
 */
final class StageGraph {
  /** (B) int32, index of each row's last key. */
  static final String LAST_KEY = "last_key";

  /** () int32, keys of the longest row. */
  static final String TOTAL = "total";

  /** (L) int64, index among all B·(F+T) of each new vector that logits are wanted after. */
  static final String LAST_ROW = "last_row";

  /** (L,V) float32. */
  static final String LOGITS = "logits";

  /** (P·R) int64, row of each place when rows are laid out by prompt. */
  static final String MEMORY_ROWS = "memory_rows";

  /** (B) int64, place of each row in that layout. */
  static final String MEMORY_PLACES = "memory_places";

  /** (P,1,R·T,S) float32, what the rows of each prompt do not see of it. */
  static final String MEMORY_BIAS = "memory_bias";

  private StageGraph() {}

  /** Name of keys or values (P,G,S,d) of what an encoder read. */
  static String memory(String what, int layer) {
    return "memory_" + what + "_" + layer;
  }

  /** A stage without state. */
  static byte[] compile(Stage stage, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph(stage.name());
    OnnxOps ops = new OnnxOps(graph, places);
    List<OnnxValue> results = stage.apply(ops, inputs(graph, ops, stage));
    for (int i = 0; i < results.size(); i++) {
      Stage.Output output = stage.outputs().get(i);
      boolean flat = output.axes().size() == 2;
      Tensor result = flat ? ops.flat(results.get(i)) : ops.cube(results.get(i));
      graph.output(output.name(), result, axes(output.axes()));
    }
    return graph.toModel();
  }

  /** An encoder, whose outputs (P,S,G·d) are laid out as the decoder's memory (P,G,S,d). */
  static byte[] encoder(Stage stage, CacheLayout memory, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph(stage.name());
    OnnxOps ops = new OnnxOps(graph, places);
    List<OnnxValue> results = stage.apply(ops, inputs(graph, ops, stage));
    int heads = memory.heads();
    int width = memory.width();
    for (int i = 0; i < results.size(); i++) {
      Tensor apart = ops.cube(results.get(i)).reshape(0, 0, heads, width);
      String name = memory(i % 2 == 0 ? "key" : "value", i / 2);
      graph.output(name, apart.transpose(0, 2, 1, 3), "P", heads, "S", width);
    }
    return graph.toModel();
  }

  /** A decoder's step. */
  static byte[] decoder(Stage stage, WeightPlaces places, CachePlan cache) {
    OnnxGraph graph = new OnnxGraph(stage.name());
    OnnxOps ops = new OnnxOps(graph, places, cache, StepNames.STEP);
    Tensor logits = step(graph, ops, stage, cache);
    cacheOutputs(graph, stage.cache());
    graph.output(LOGITS, logits, axes(stage.outputs().get(0).axes()));
    return graph.toModel();
  }

  /**
   * A step, and then as many more as are asked for, in which each row's likeliest or drawn token
   * goes straight into the next: the cache stays on the device in between. The loop ends early
   * where every row's token is an end. A step alone is this graph with no steps after the first.
   */
  static byte[] decoderWithLoop(LanguageProgram program, WeightPlaces places, CachePlan cache) {
    Stage stage = program.decoder();
    OnnxGraph graph = new OnnxGraph(stage.name());
    OnnxOps ops = new OnnxOps(graph, places, cache, StepNames.FIRST);
    Tensor logits = step(graph, ops, stage, cache);
    graph.output(LOGITS, logits, axes(stage.outputs().get(0).axes()));
    new DecodingLoopGraph(program, places, cache).append(graph, logits);
    return graph.toModel();
  }

  private static Tensor step(OnnxGraph graph, OnnxOps ops, Stage stage, CachePlan cache) {
    Map<String, OnnxValue> inputs = inputs(graph, ops, stage);
    graph.input(LAST_KEY, INT32, "B");
    graph.input(TOTAL, INT32);
    graph.input(LAST_ROW, INT64, "L");
    ElementType type = cache.type().choice();
    Object[] shape = shape(stage.cache());
    forEach(
        stage.cache(), (what, layer) -> graph.input(StepNames.STEP.past(what, layer), type, shape));
    if (stage.memory().exists()) {
      memoryInputs(graph, stage.memory());
    }
    return ops.flat(stage.apply(ops, inputs).get(0));
  }

  private static void memoryInputs(OnnxGraph graph, CacheLayout memory) {
    graph.input(MEMORY_ROWS, INT64, "PR");
    graph.input(MEMORY_PLACES, INT64, "B");
    graph.input(MEMORY_BIAS, FLOAT32, "P", 1, "RT", "MS");
    forEach(
        memory,
        (what, layer) ->
            graph.input(memory(what, layer), FLOAT32, "P", memory.heads(), "MS", memory.width()));
  }

  /** Declares a stage's own inputs, all of the first one's batch but those of a fixed one. */
  private static Map<String, OnnxValue> inputs(OnnxGraph graph, OnnxOps ops, Stage stage) {
    Map<String, OnnxValue> values = new HashMap<>();
    OnnxValue first = null;
    for (Stage.Input input : stage.inputs()) {
      Tensor tensor = declare(graph, input);
      int length = input.axes().size() == 3 ? input.axes().get(1).size() : OnnxValue.ANY;
      boolean alone = input.axes().get(0).isFixed();
      OnnxValue value =
          first == null || alone ? ops.input(tensor, length) : first.with(tensor, length);
      first = first == null && !alone ? value : first;
      values.put(input.name(), value);
    }
    return values;
  }

  /** Declares an input. */
  static Tensor declare(OnnxGraph graph, Stage.Input input) {
    ElementType type = input.type() == Stage.Type.FLOAT32 ? FLOAT32 : INT64;
    return graph.input(input.name(), type, axes(input.axes()));
  }

  private static Object[] axes(List<Axis> axes) {
    return axes.stream().map(a -> a.isFixed() ? (Object) a.size() : a.name()).toArray();
  }

  /** Width of a head in the cache: GroupQueryAttention wants a multiple of eight. */
  static int cachedWidth(int headWidth) {
    return (headWidth + 7) / 8 * 8;
  }

  /** Declares the cache that every decoder's step gives. */
  static void cacheOutputs(OnnxGraph graph, CacheLayout cache) {
    forEach(
        cache,
        (what, layer) ->
            graph.output(graph.value(StepNames.STEP.present(what, layer)), shape(cache)));
  }

  /** Axes of a layer's keys or values. */
  static Object[] shape(CacheLayout cache) {
    return new Object[] {"B", cache.heads(), "C", cachedWidth(cache.width())};
  }

  /** Keys or values of a layer. */
  interface Part {
    void accept(String what, int layer);
  }

  /** Keys and values of every layer, in order. */
  static void forEach(CacheLayout cache, Part part) {
    for (int layer = 0; layer < cache.layers(); layer++) {
      part.accept("key", layer);
      part.accept("value", layer);
    }
  }
}
