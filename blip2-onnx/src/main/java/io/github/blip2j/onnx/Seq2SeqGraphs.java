package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;

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
    Tensor prefix = graph.input(LanguageGraph.FEATURES, FLOAT32, "P", "F", config.hiddenSize());
    Tensor tokens = graph.input(LanguageGraph.IDS, INT64, "P", "T");
    Tensor buckets = graph.input(BUCKETS, INT64, "P", "S", "S");
    OnnxValue features = ops.input(prefix, OnnxValue.ANY);
    OnnxValue ids = features.with(tokens);
    OnnxValue read = encoder.forward(ops, features, ids, features.with(buckets));
    for (int layer = 0; layer < config.layers(); layer++) {
      T5Encoder.Memory memory = encoder.memories().get(layer);
      output(graph, config, memory("key", layer), ops.cube(memory.keys(ops, read)));
      output(graph, config, memory("value", layer), ops.cube(memory.values(ops, read)));
    }
    return graph.toModel();
  }

  /** (P,S,H·d) to (P,H,S,d). */
  private static void output(OnnxGraph graph, T5Config config, String name, Tensor cube) {
    Tensor apart = cube.reshape(0, 0, config.heads(), config.headWidth());
    graph.output(name, apart.transpose(0, 2, 1, 3), "P", config.heads(), "S", config.headWidth());
  }

  static byte[] decoder(T5Config config, T5Decoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("decoder");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.STEP);
    LanguageGraph.cacheOutputs(graph, config);
    graph.output(LanguageGraph.LOGITS, logits.tensor(), "L", config.vocabularySize());
    return graph.toModel();
  }

  /** {@link LanguageGraph#compileWithLoop}, of a decoder behind an encoder. */
  static byte[] decoderWithLoop(T5Config config, T5Decoder decoder, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("decoder");
    OnnxValue logits = step(graph, config, decoder, places, StepNames.FIRST);
    graph.output(LanguageGraph.LOGITS, logits.tensor(), "L", config.vocabularySize());
    new DecodingLoopGraph(config, places, new T5LoopStep(decoder)).append(graph, logits.tensor());
    return graph.toModel();
  }

  /** A step within a loop, of one token a row; rows are of one length, so all keys are seen. */
  private record T5LoopStep(T5Decoder decoder) implements DecodingLoopGraph.Step {
    @Override
    public void prepare(OnnxGraph graph) {
      graph.input(DISTANCES, INT64, "C");
      Tensor rows = graph.value(MEMORY_ROWS).sizes(); // P·R
      Tensor bias = graph.value(MEMORY_BIAS);
      Tensor perPrompt = rows.div(bias.sizeOf(0));
      bias.slice(2, graph.integers(0), perPrompt).named(StepNames.LOOP.memoryBias()); // (P,1,R,S)
    }

    @Override
    public OnnxValue logits(OnnxGraph body, OnnxOps ops) {
      OnnxValue ids = ops.input(body.value(StepNames.LOOP.ids()), OnnxValue.ANY);
      Tensor last = ops.cast(body.value(StepNames.LOOP.lastKey()), INT64);
      Tensor keys = ops.upTo(ops.cast(body.value(StepNames.LOOP.total()), INT64)); // (S)
      Tensor distance = last.reshape(-1, 1, 1).sub(keys); // (B,1,S)
      Tensor buckets = body.value(DISTANCES).gather(distance, 0);
      return decoder.forward(ops, ids, ids.with(buckets));
    }
  }

  private static OnnxValue step(
      OnnxGraph graph, T5Config config, T5Decoder decoder, WeightPlaces places, StepNames names) {
    OnnxOps ops = new OnnxOps(graph, places, names);
    Tensor tokens = graph.input(LanguageGraph.IDS, INT64, "B", "T");
    Tensor buckets = graph.input(BUCKETS, INT64, "B", "T", "total");
    LanguageGraph.cacheInputs(graph, config, places);
    graph.input(MEMORY_ROWS, INT64, "PR");
    graph.input(MEMORY_PLACES, INT64, "B");
    graph.input(MEMORY_BIAS, FLOAT32, "P", 1, "RT", "S");
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String what : new String[] {"key", "value"}) {
        graph.input(memory(what, layer), FLOAT32, "P", config.heads(), "S", config.headWidth());
      }
    }
    OnnxValue ids = ops.input(tokens, OnnxValue.ANY);
    OnnxValue logits = decoder.forward(ops, ids, ids.with(buckets));
    return logits.with(ops.flat(logits));
  }
}
