package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.INT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The loop behind a decoder's first step. */
final class DecodingLoopGraph {
  /** () int64, steps that the loop takes after the first. */
  static final String STEPS = "steps";

  /** (E) int64, tokens that end a text. */
  static final String ENDS = "ends";

  /** (N,B,1) int64, what each step of the loop appended. */
  static final String APPENDED = "appended";

  /** (N,B,V) float32, after each step of the loop. */
  static final String AHEAD = "ahead";

  private static final StepNames LOOP = StepNames.LOOP;

  private final LanguageProgram program;
  private final LanguageProgram.NextStep next;
  private final Stage decoder;
  private final WeightPlaces places;
  private final CachePlan cache;

  DecodingLoopGraph(LanguageProgram program, WeightPlaces places, CachePlan cache) {
    this.program = program;
    this.next = program.nextStep();
    this.decoder = program.decoder();
    this.places = places;
    this.cache = cache;
  }

  /**
   * Adds the loop.
   *
   * @param graph has the first step, under the names of {@link StepNames#FIRST}
   * @param logits of the first step
   */
  void append(OnnxGraph graph, Tensor logits) {
    Tensor steps = graph.input(STEPS, INT64);
    graph.input(ENDS, INT64, "E");
    TokenChoiceGraph.inputs(graph);
    prepare(graph);
    Tensor next = TokenChoiceGraph.choose(graph, logits, graph.integers(0));
    Tensor goesOn = goesOn(graph, next);
    List<Tensor> carried = new ArrayList<>(List.of(next));
    carried.add(increased(graph.value(StageGraph.LAST_KEY)));
    carried.add(increased(graph.value(StageGraph.TOTAL)).scalar());
    StageGraph.forEach(
        decoder.cache(),
        (what, layer) -> carried.add(graph.value(StepNames.FIRST.present(what, layer))));
    List<Tensor> given = graph.loop(steps, goesOn, carried, body(graph));
    List<Tensor> parts = new ArrayList<>(given.subList(3, carried.size())); // the rest is not asked
    StageGraph.forEach(
        decoder.cache(),
        (what, layer) -> parts.remove(0).named(StepNames.STEP.present(what, layer)));
    Tensor appended = given.get(carried.size()).named(APPENDED);
    Tensor ahead = given.get(carried.size() + 1).named(AHEAD);
    StageGraph.cacheOutputs(graph, decoder.cache());
    graph.output(appended, "N", "B", 1);
    graph.output(ahead, "N", "B", program.config().vocabularySize());
  }

  /** Values that every step of the loop is given and none changes. */
  private void prepare(OnnxGraph graph) {
    OnnxOps ops = new OnnxOps(graph, places, cache, StepNames.FIRST);
    Tensor rows = ops.upTo(ops.batch(graph.value(StageGraph.LAST_KEY)));
    rows.identity().named(LOOP.lastRow()); // (B)
    next.inputs().forEach(i -> StageGraph.declare(graph, i));
    if (decoder.memory().exists()) { // of one token a row
      Tensor all = graph.value(StageGraph.MEMORY_ROWS).sizes(); // P·R
      Tensor bias = graph.value(StageGraph.MEMORY_BIAS);
      Tensor perPrompt = all.div(bias.sizeOf(0));
      bias.slice(2, graph.integers(0), perPrompt).named(LOOP.memoryBias()); // (P,1,R,S)
    }
  }

  private OnnxGraph body(OnnxGraph graph) {
    OnnxGraph body = graph.body("step");
    Tensor round = body.input("loop_step", INT64);
    body.input("loop_going", BOOL);
    Tensor ids = body.input(LOOP.ids(), INT64, "B", 1);
    Tensor lastKey = body.input(LOOP.lastKey(), INT32, "B");
    Tensor total = body.input(LOOP.total(), INT32);
    ElementType type = cache.type().choice();
    Object[] shape = StageGraph.shape(decoder.cache());
    StageGraph.forEach(
        decoder.cache(), (what, layer) -> body.input(LOOP.past(what, layer), type, shape));
    OnnxOps ops = new OnnxOps(body, places, cache, LOOP);
    Tensor logits = ops.flat(logits(body, ops)); // (B,V)
    Tensor next = TokenChoiceGraph.choose(body, logits, round.add(1)); // (1)
    body.output("loop_goes_on", goesOn(body, next));
    body.output("loop_next_ids", next, "B", 1);
    body.output("loop_next_last_key", increased(lastKey), "B");
    body.output("loop_next_total", increased(total).scalar());
    StageGraph.forEach(
        decoder.cache(),
        (what, layer) -> body.output(body.value(LOOP.present(what, layer)), shape));
    body.output("loop_appended", ids, "B", 1);
    body.output("loop_logits", logits, "B", program.config().vocabularySize());
    return body;
  }

  /** The decoder's step of one token a row; logits (B,1,V). */
  private OnnxValue logits(OnnxGraph body, OnnxOps ops) {
    OnnxValue ids = ops.input(body.value(LOOP.ids()), OnnxValue.ANY);
    Map<String, OnnxValue> given = new HashMap<>();
    next.inputs().forEach(i -> given.put(i.name(), ids.with(body.value(i.name()))));
    return decoder.apply(ops, next.decoderInputs(ops, ids, new Stage.Inputs<>(given))).get(0);
  }

  /** Whether any row's token (B,1) is none of the ends. */
  private static Tensor goesOn(OnnxGraph graph, Tensor ids) {
    Tensor ends = ids.equal(graph.value(ENDS)); // (B,E)
    Tensor byRow = ends.cast(INT32).reduceMax(1, false); // (B)
    return byRow.reduceMin().cast(BOOL).not(); // ()
  }

  /** An int32 number, or a list of them, and 1. */
  private static Tensor increased(Tensor number) {
    return number.cast(INT64).add(1).cast(INT32);
  }
}
