package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT64;

import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import java.util.List;
import java.util.Map;

/**
 * The two graphs of an encoder and decoder. What the first gives, keys and values of every decoder
 * block, the second is given at each step.
 */
final class Seq2SeqGraphs {
  /** (B,T,S) int64, numbers of relative positions. */
  static final String BUCKETS = "buckets";

  /** (P·R) int64, row of each place when rows are laid out by prompt. */
  static final String MEMORY_ROWS = "memory_rows";

  /** (B) int64, place of each row in that layout. */
  static final String MEMORY_PLACES = "memory_places";

  /** (P,1,R·T,S) float32, what the rows of each prompt do not see of it. */
  static final String MEMORY_BIAS = "memory_bias";

  /** (C) int64, numbers of the distances to a key, from 0; only of a graph with a loop. */
  static final String DISTANCES = "distances";

  private Seq2SeqGraphs() {}

  /** Name of keys or values (P,H,S,d) that a decoder block looks at. */
  static String memory(String what, int layer) {
    return "memory_" + what + "_" + layer;
  }

  static byte[] encoder(T5Config config, T5Encoder encoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("encoder");
    OnnxOps ops = new OnnxOps(graph, places);
    graph.input(LanguageGraph.FEATURES, FLOAT, "P", "F", (long) config.hiddenSize());
    graph.input(LanguageGraph.IDS, INT64, "P", "T");
    graph.input(BUCKETS, INT64, "P", "S", "S");
    OnnxValue features = ops.input(LanguageGraph.FEATURES, OnnxValue.ANY, config.hiddenSize());
    OnnxValue ids = ops.numbers(LanguageGraph.IDS, features);
    OnnxValue read = encoder.forward(ops, features, ids, ops.numbers(BUCKETS, features));
    for (int layer = 0; layer < config.layers(); layer++) {
      T5Encoder.Memory memory = encoder.memories().get(layer);
      output(graph, config, memory("key", layer), ops.cube(memory.keys(ops, read)));
      output(graph, config, memory("value", layer), ops.cube(memory.values(ops, read)));
    }
    return graph.toModel();
  }

  /** (P,S,H·d) to (P,H,S,d). */
  private static void output(OnnxGraph graph, T5Config config, String name, String cube) {
    String apart =
        graph.node("Reshape", cube, graph.integers(0, 0, config.heads(), config.headWidth()));
    String heads = graph.transpose(apart, 0, 2, 1, 3);
    graph.output(name, heads, FLOAT, "P", (long) config.heads(), "S", (long) config.headWidth());
  }

  static byte[] decoder(T5Config config, T5Decoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("decoder");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.STEP);
    LanguageGraph.cacheOutputs(graph, config, places);
    graph.output(LanguageGraph.LOGITS, logits.name(), FLOAT, "L", (long) config.vocabularySize());
    return graph.toModel();
  }

  /** {@link LanguageGraph#compileWithLoop}, of a decoder behind an encoder. */
  static byte[] decoderWithLoop(T5Config config, T5Decoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("decoder");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.FIRST);
    graph.output(LanguageGraph.LOGITS, logits.name(), FLOAT, "L", (long) config.vocabularySize());
    new DecodingLoopGraph(config, places, new T5LoopStep(decoder)).append(graph, logits.name());
    return graph.toModel();
  }

  /** A step within a loop, of one token a row; rows are of one length, so all keys are seen. */
  private record T5LoopStep(T5Decoder decoder) implements DecodingLoopGraph.Step {
    @Override
    public void prepare(OnnxGraph graph) {
      graph.input(DISTANCES, INT64, "C");
      String rows = graph.node("Shape", MEMORY_ROWS); // P·R
      String prompts =
          graph.node("Shape", List.of(MEMORY_BIAS), OnnxGraph.attributes("start", 0, "end", 1));
      String perPrompt = graph.node("Div", rows, prompts);
      List<String> first =
          List.of(MEMORY_BIAS, graph.integers(0), perPrompt, graph.integers(2)); // (P,1,R,S)
      graph.node("", "Slice", first, List.of(StepNames.LOOP.memoryBias()), Map.of());
    }

    @Override
    public OnnxValue logits(OnnxGraph body, OnnxOps ops) {
      OnnxValue ids = ops.input(StepNames.LOOP.ids(), OnnxValue.ANY, 1);
      String last = ops.cast(StepNames.LOOP.lastKey(), INT64);
      String keys = ops.upTo(ops.cast(StepNames.LOOP.total(), INT64)); // (S)
      String own = body.node("Reshape", last, body.integers(-1, 1, 1));
      String distance = body.node("Sub", own, keys); // (B,1,S)
      String buckets = body.node("Gather", DISTANCES, distance);
      return decoder.forward(ops, ids, ops.numbers(buckets, ids));
    }
  }

  private static OnnxValue step(
      OnnxGraph graph, T5Config config, T5Decoder decoder, WeightPlaces places, StepNames names) {
    OnnxOps ops = new OnnxOps(graph, places, names);
    graph.input(LanguageGraph.IDS, INT64, "B", "T");
    graph.input(BUCKETS, INT64, "B", "T", "total");
    LanguageGraph.cacheInputs(graph, config, places);
    graph.input(MEMORY_ROWS, INT64, "PR");
    graph.input(MEMORY_PLACES, INT64, "B");
    graph.input(MEMORY_BIAS, FLOAT, "P", 1L, "RT", "S");
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String what : new String[] {"key", "value"}) {
        graph.input(
            memory(what, layer), FLOAT, "P", (long) config.heads(), "S", (long) config.headWidth());
      }
    }
    OnnxValue ids = ops.input(LanguageGraph.IDS, OnnxValue.ANY, 1);
    OnnxValue logits = decoder.forward(ops, ids, ops.numbers(BUCKETS, ids));
    return logits.flat(ops.flat(logits), logits.width());
  }
}
