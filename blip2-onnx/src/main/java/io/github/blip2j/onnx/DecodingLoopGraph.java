package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.BOOL;
import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT32;
import static io.github.blip2j.onnx.OnnxGraph.INT64;
import static io.github.blip2j.onnx.OnnxGraph.attributes;

import io.github.blip2j.checkpoint.TextConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The loop behind a decoder's first step. */
final class DecodingLoopGraph {
  private static final StepNames LOOP = StepNames.LOOP;

  private final TextConfig config;
  private final WeightPlaces places;
  private final Step step;

  DecodingLoopGraph(TextConfig config, WeightPlaces places, Step step) {
    this.config = config;
    this.places = places;
    this.step = step;
  }

  /** A kind of model's step of one token a row, under the names of {@link StepNames#LOOP}. */
  interface Step {
    /** Adds values in front of the loop that its steps need and none changes. */
    void prepare(OnnxGraph graph);

    /** Adds the step; logits (B,1,V). */
    OnnxValue logits(OnnxGraph body, OnnxOps ops);
  }

  /**
   * Adds the loop.
   *
   * @param graph has the first step, under the names of {@link StepNames#FIRST}
   * @param logits of the first step
   */
  void append(OnnxGraph graph, String logits) {
    graph.input(LanguageGraph.STEPS, INT64);
    graph.input(LanguageGraph.ENDS, INT64, "E");
    TokenChoiceGraph.inputs(graph);
    prepare(graph);
    String next = TokenChoiceGraph.choose(graph, logits, graph.integers(0));
    List<String> inputs = new ArrayList<>(List.of(LanguageGraph.STEPS, goesOn(graph, next), next));
    List<String> outputs = new ArrayList<>();
    inputs.add(increased(graph, LanguageGraph.LAST_KEY));
    inputs.add(graph.scalar(increased(graph, LanguageGraph.TOTAL)));
    for (int i = 0; i < 3; i++) {
      outputs.add(graph.fresh()); // what the loop ends with is not asked for
    }
    LanguageGraph.forEach(
        config,
        (what, layer) -> {
          inputs.add(StepNames.FIRST.present(what, layer));
          outputs.add(StepNames.STEP.present(what, layer));
        });
    outputs.add(LanguageGraph.APPENDED);
    outputs.add(LanguageGraph.AHEAD);
    graph.node("", "Loop", inputs, outputs, attributes("body", body(graph)));
    LanguageGraph.cacheOutputs(graph, config, places);
    graph.declareOutput(LanguageGraph.APPENDED, INT64, "N", "B", 1L);
    graph.declareOutput(LanguageGraph.AHEAD, FLOAT, "N", "B", (long) config.vocabularySize());
  }

  /** Values that every step of the loop is given and none changes. */
  private void prepare(OnnxGraph graph) {
    OnnxOps ops = new OnnxOps(graph, places, StepNames.FIRST);
    String rows = ops.upTo(ops.batch(LanguageGraph.LAST_KEY));
    graph.node("", "Identity", List.of(rows), List.of(LOOP.lastRow()), Map.of()); // (B)
    step.prepare(graph);
  }

  private OnnxGraph body(OnnxGraph graph) {
    OnnxGraph body = graph.body("step");
    body.input("loop_step", INT64);
    body.input("loop_going", BOOL);
    body.input(LOOP.ids(), INT64, "B", 1L);
    body.input(LOOP.lastKey(), INT32, "B");
    body.input(LOOP.total(), INT32);
    int type = LanguageGraph.cacheType(places);
    Object[] shape = LanguageGraph.shape(config);
    LanguageGraph.forEach(config, (what, layer) -> body.input(LOOP.past(what, layer), type, shape));
    OnnxOps ops = new OnnxOps(body, places, LOOP);
    String logits = ops.flat(step.logits(body, ops)); // (B,V)
    String count = body.node("Add", "loop_step", body.integers(1)); // (1)
    String next = TokenChoiceGraph.choose(body, logits, count);
    body.output("loop_goes_on", goesOn(body, next), BOOL);
    body.output("loop_next_ids", next, INT64, "B", 1L);
    body.output("loop_next_last_key", increased(body, LOOP.lastKey()), INT32, "B");
    body.output("loop_next_total", body.scalar(increased(body, LOOP.total())), INT32);
    LanguageGraph.forEach(
        config, (what, layer) -> body.declareOutput(LOOP.present(what, layer), type, shape));
    body.output("loop_appended", LOOP.ids(), INT64, "B", 1L);
    body.output("loop_logits", logits, FLOAT, "B", (long) config.vocabularySize());
    return body;
  }

  /** Whether any row's token (B,1) is none of the ends. */
  private static String goesOn(OnnxGraph graph, String ids) {
    String ends = graph.node("Equal", ids, LanguageGraph.ENDS); // (B,E)
    String numbers = graph.cast(ends, INT32);
    Map<String, Object> flat = attributes("keepdims", 0);
    String byRow = graph.node("ReduceMax", List.of(numbers, graph.integers(1)), flat); // (B)
    String all = graph.node("ReduceMin", List.of(byRow), flat); // ()
    return graph.node("Not", graph.cast(all, BOOL));
  }

  /** An int32 number, or a list of them, and 1. */
  private static String increased(OnnxGraph graph, String number) {
    String wide = graph.cast(number, INT64);
    String sum = graph.node("Add", wide, graph.integers(1));
    return graph.cast(sum, INT32);
  }
}
