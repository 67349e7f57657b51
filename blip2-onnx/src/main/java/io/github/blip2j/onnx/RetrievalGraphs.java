package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT64;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.RetrievalConfig;
import io.github.blip2j.internal.nn.RetrievalNetwork;

/** The graphs of the Q-Former reading texts, alone or with a picture. */
final class RetrievalGraphs {
  /** (B,T) int64. */
  static final String IDS = "ids";

  /** (B,T) int64. */
  static final String PLACES = "places";

  /** (B,T) or (B,Q+T) int64. */
  static final String MASK = "mask";

  /** (B,T,D) float32. */
  static final String STATES = "states";

  /** (B,T,P) float32. */
  static final String FEATURES = "features";

  /** (B,Q,D) float32. */
  static final String QUERIES = "queries";

  /** (B,2) float32. */
  static final String LOGITS = "logits";

  private RetrievalGraphs() {}

  static byte[] text(ModelConfig config, RetrievalNetwork network, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("text");
    OnnxOps ops = new OnnxOps(graph, places);
    graph.input(IDS, INT64, "B", "T");
    graph.input(PLACES, INT64, "B", "T");
    graph.input(MASK, INT64, "B", "T");
    OnnxValue ids = ops.input(IDS, OnnxValue.ANY, 1);
    OnnxValue read = network.text(ops, ids, ops.numbers(PLACES, ids), ops.numbers(MASK, ids));
    OnnxValue features = network.textFeatures(ops, read);
    RetrievalConfig heads = config.retrieval();
    graph.output(STATES, ops.cube(read), FLOAT, "B", "T", (long) config.qformer().hiddenSize());
    graph.output(FEATURES, ops.cube(features), FLOAT, "B", "T", (long) heads.projectionSize());
    return graph.toModel();
  }

  static byte[] pairs(ModelConfig config, RetrievalNetwork network, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("pairs");
    OnnxOps ops = new OnnxOps(graph, places);
    int patches = config.vision().patches();
    int width = config.vision().hiddenSize();
    graph.input(ImageGraphs.PATCHES, FLOAT, 1L, (long) patches, (long) width);
    graph.input(IDS, INT64, "B", "T");
    graph.input(PLACES, INT64, "B", "T");
    graph.input(MASK, INT64, "B", "QT");
    OnnxValue ids = ops.input(IDS, OnnxValue.ANY, 1);
    OnnxValue picture = ops.input(ImageGraphs.PATCHES, patches, width);
    OnnxValue read =
        network.multimodal(ops, picture, ids, ops.numbers(PLACES, ids), ops.numbers(MASK, ids));
    long queries = config.qformer().queries();
    graph.output(
        QUERIES, ops.cube(read), FLOAT, "B", queries, (long) config.qformer().hiddenSize());
    graph.output(LOGITS, ops.flat(network.matching(ops, read)), FLOAT, "B", 2L);
    return graph.toModel();
  }
}
