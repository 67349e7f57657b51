package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.BOOL;
import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT32;
import static io.github.blip2j.onnx.OnnxGraph.INT64;
import static io.github.blip2j.onnx.OnnxGraph.attributes;

import io.github.blip2j.checkpoint.OptConfig;
import io.github.blip2j.internal.nn.OptDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The loop behind a decoder's first step. */
final class DecodingLoopGraph {
  private static final String IDS = "loop_ids";
  private static final String PLACES = "loop_places";
  private static final String NO_FEATURES = "loop_features";

  private final OptConfig config;
  private final OptDecoder decoder;
  private final WeightPlaces places;

  DecodingLoopGraph(OptConfig config, OptDecoder decoder, WeightPlaces places) {
    this.config = config;
    this.decoder = decoder;
    this.places = places;
  }

  /**
   * Adds the loop.
   *
   * @param graph has the first step, its cache under {@link CacheNames#FIRST}
   * @param logits of the first step
   */
  void append(OnnxGraph graph, String logits) {
    graph.input(LanguageGraph.STEPS, INT64);
    graph.input(LanguageGraph.ENDS, INT64, "E");
    prepare(graph);
    String next = likeliest(graph, logits);
    List<String> inputs = new ArrayList<>(List.of(LanguageGraph.STEPS, goesOn(graph, next), next));
    List<String> outputs = new ArrayList<>();
    inputs.add(column(graph, increased(graph, LanguageGraph.LAST_KEY, INT64)));
    inputs.add(increased(graph, LanguageGraph.LAST_KEY, INT32));
    inputs.add(scalar(graph, increased(graph, LanguageGraph.TOTAL, INT32)));
    for (int i = 0; i < 4; i++) {
      outputs.add(graph.fresh()); // what the loop ends with is not asked for
    }
    LanguageGraph.forEach(
        config,
        (what, layer) -> {
          inputs.add(CacheNames.FIRST.present(what, layer));
          outputs.add(CacheNames.STEP.present(what, layer));
        });
    outputs.add(LanguageGraph.AHEAD);
    graph.node("", "Loop", inputs, outputs, attributes("body", body(graph)));
    LanguageGraph.cacheOutputs(graph, config, places);
    graph.declareOutput(LanguageGraph.AHEAD, FLOAT, "N", "B", (long) config.vocabularySize());
  }

  /** Values that every step of the loop is given and none changes. */
  private void prepare(OnnxGraph graph) {
    String none = graph.integers(0);
    List<String> front = List.of(LanguageGraph.FEATURES, none, none, graph.integers(1));
    graph.node("", "Slice", front, List.of(NO_FEATURES), Map.of()); // (B,0,d)
    String rows = graph.node("Shape", List.of(LanguageGraph.LAST_KEY), Map.of());
    List<String> range =
        List.of(scalar(graph, none), scalar(graph, rows), scalar(graph, graph.integers(1)));
    graph.node("", "Range", range, List.of(CacheNames.LOOP.lastRow()), Map.of()); // (B)
  }

  private OnnxGraph body(OnnxGraph graph) {
    OnnxGraph body = graph.body("step");
    body.input("loop_step", INT64);
    body.input("loop_going", BOOL);
    body.input(IDS, INT64, "B", 1L);
    body.input(PLACES, INT64, "B", 1L);
    body.input(CacheNames.LOOP.lastKey(), INT32, "B");
    body.input(CacheNames.LOOP.total(), INT32);
    int type = LanguageGraph.cacheType(places);
    Object[] shape = LanguageGraph.shape(config);
    LanguageGraph.forEach(
        config, (what, layer) -> body.input(CacheNames.LOOP.past(what, layer), type, shape));
    OnnxOps ops = new OnnxOps(body, places, CacheNames.LOOP);
    OnnxValue features = ops.input(NO_FEATURES, OnnxValue.ANY, config.hiddenSize());
    OnnxValue ids = ops.numbers(IDS, features);
    OnnxValue found = decoder.forward(ops, features, ids, ops.numbers(PLACES, features));
    String logits = ops.flat(found); // (B,V)
    String next = likeliest(body, logits);
    body.output("loop_goes_on", goesOn(body, next), BOOL);
    body.output("loop_next_ids", next, INT64, "B", 1L);
    String place = body.node("Add", List.of(PLACES, body.integers(1)), Map.of());
    body.output("loop_next_places", place, INT64, "B", 1L);
    String lastKey = increased(body, CacheNames.LOOP.lastKey(), INT32);
    body.output("loop_next_last_key", lastKey, INT32, "B");
    String total = scalar(body, increased(body, CacheNames.LOOP.total(), INT32));
    body.output("loop_next_total", total, INT32);
    LanguageGraph.forEach(
        config,
        (what, layer) -> body.declareOutput(CacheNames.LOOP.present(what, layer), type, shape));
    body.output("loop_logits", logits, FLOAT, "B", (long) config.vocabularySize());
    return body;
  }

  /** The first of each row's largest logits, (B,1). */
  private static String likeliest(OnnxGraph graph, String logits) {
    return graph.node("ArgMax", List.of(logits), attributes("axis", 1, "keepdims", 1));
  }

  /** Whether any row's token (B,1) is none of the ends. */
  private static String goesOn(OnnxGraph graph, String ids) {
    String ends = graph.node("Equal", List.of(ids, LanguageGraph.ENDS), Map.of()); // (B,E)
    String numbers = graph.node("Cast", List.of(ends), attributes("to", INT32));
    Map<String, Object> flat = attributes("keepdims", 0);
    String byRow = graph.node("ReduceMax", List.of(numbers, graph.integers(1)), flat); // (B)
    String all = graph.node("ReduceMin", List.of(byRow), flat); // ()
    return graph.node(
        "Not", List.of(graph.node("Cast", List.of(all), attributes("to", BOOL))), Map.of());
  }

  private static String increased(OnnxGraph graph, String number, int type) {
    String wide = graph.node("Cast", List.of(number), attributes("to", INT64));
    String sum = graph.node("Add", List.of(wide, graph.integers(1)), Map.of());
    return type == INT64 ? sum : graph.node("Cast", List.of(sum), attributes("to", type));
  }

  private static String column(OnnxGraph graph, String row) {
    return graph.node("Reshape", List.of(row, graph.integers(-1, 1)), Map.of());
  }

  private static String scalar(OnnxGraph graph, String one) {
    return graph.node("Reshape", List.of(one, graph.integers()), Map.of());
  }
}
