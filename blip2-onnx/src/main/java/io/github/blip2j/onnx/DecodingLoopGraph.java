package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

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
  void append(OnnxGraph graph, Tensor logits) {
    Tensor steps = graph.input(LanguageGraph.STEPS, INT64);
    graph.input(LanguageGraph.ENDS, INT64, "E");
    TokenChoiceGraph.inputs(graph);
    prepare(graph);
    Tensor next = TokenChoiceGraph.choose(graph, logits, graph.integers(0));
    Tensor goesOn = goesOn(graph, next);
    List<Tensor> carried = new ArrayList<>(List.of(next));
    carried.add(increased(graph.value(LanguageGraph.LAST_KEY)));
    carried.add(increased(graph.value(LanguageGraph.TOTAL)).scalar());
    LanguageGraph.forEach(
        config, (what, layer) -> carried.add(graph.value(StepNames.FIRST.present(what, layer))));
    List<Tensor> given = graph.loop(steps, goesOn, carried, body(graph));
    List<Tensor> cache = new ArrayList<>(given.subList(3, carried.size())); // the rest is not asked
    LanguageGraph.forEach(
        config, (what, layer) -> cache.remove(0).named(StepNames.STEP.present(what, layer)));
    Tensor appended = given.get(carried.size()).named(LanguageGraph.APPENDED);
    Tensor ahead = given.get(carried.size() + 1).named(LanguageGraph.AHEAD);
    LanguageGraph.cacheOutputs(graph, config);
    graph.output(appended, "N", "B", 1);
    graph.output(ahead, "N", "B", config.vocabularySize());
  }

  /** Values that every step of the loop is given and none changes. */
  private void prepare(OnnxGraph graph) {
    OnnxOps ops = new OnnxOps(graph, places, StepNames.FIRST);
    Tensor rows = ops.upTo(ops.batch(graph.value(LanguageGraph.LAST_KEY)));
    rows.identity().named(LOOP.lastRow()); // (B)
    step.prepare(graph);
  }

  private OnnxGraph body(OnnxGraph graph) {
    OnnxGraph body = graph.body("step");
    Tensor round = body.input("loop_step", INT64);
    body.input("loop_going", BOOL);
    Tensor ids = body.input(LOOP.ids(), INT64, "B", 1);
    Tensor lastKey = body.input(LOOP.lastKey(), INT32, "B");
    Tensor total = body.input(LOOP.total(), INT32);
    ElementType type = LanguageGraph.cacheType(places);
    Object[] shape = LanguageGraph.shape(config);
    LanguageGraph.forEach(config, (what, layer) -> body.input(LOOP.past(what, layer), type, shape));
    OnnxOps ops = new OnnxOps(body, places, LOOP);
    Tensor logits = ops.flat(step.logits(body, ops)); // (B,V)
    Tensor next = TokenChoiceGraph.choose(body, logits, round.add(1)); // (1)
    body.output("loop_goes_on", goesOn(body, next));
    body.output("loop_next_ids", next, "B", 1);
    body.output("loop_next_last_key", increased(lastKey), "B");
    body.output("loop_next_total", increased(total).scalar());
    LanguageGraph.forEach(
        config, (what, layer) -> body.output(body.value(LOOP.present(what, layer)), shape));
    body.output("loop_appended", ids, "B", 1);
    body.output("loop_logits", logits, "B", config.vocabularySize());
    return body;
  }

  /** Whether any row's token (B,1) is none of the ends. */
  private static Tensor goesOn(OnnxGraph graph, Tensor ids) {
    Tensor ends = ids.equal(graph.value(LanguageGraph.ENDS)); // (B,E)
    Tensor byRow = ends.cast(INT32).reduceMax(1, false); // (B)
    return byRow.reduceMin().cast(BOOL).not(); // ()
  }

  /** An int32 number, or a list of them, and 1. */
  private static Tensor increased(Tensor number) {
    return number.cast(INT64).add(1).cast(INT32);
  }
}
