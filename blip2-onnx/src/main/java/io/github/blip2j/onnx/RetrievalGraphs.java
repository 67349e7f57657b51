package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.RetrievalConfig;
import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;

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
    OnnxValue ids = ops.input(graph.input(IDS, INT64, "B", "T"), OnnxValue.ANY);
    OnnxValue positions = ids.with(graph.input(PLACES, INT64, "B", "T"));
    OnnxValue mask = ids.with(graph.input(MASK, INT64, "B", "T"));
    OnnxValue read = network.text(ops, ids, positions, mask);
    OnnxValue features = network.textFeatures(ops, read);
    RetrievalConfig heads = config.retrieval();
    graph.output(STATES, ops.cube(read), "B", "T", config.qformer().hiddenSize());
    graph.output(FEATURES, ops.cube(features), "B", "T", heads.projectionSize());
    return graph.toModel();
  }

  static byte[] pairs(ModelConfig config, RetrievalNetwork network, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("pairs");
    OnnxOps ops = new OnnxOps(graph, places);
    int patches = config.vision().patches();
    int width = config.vision().hiddenSize();
    Tensor seen = graph.input(ImageGraphs.PATCHES, FLOAT32, 1, patches, width);
    OnnxValue ids = ops.input(graph.input(IDS, INT64, "B", "T"), OnnxValue.ANY);
    OnnxValue positions = ids.with(graph.input(PLACES, INT64, "B", "T"));
    OnnxValue mask = ids.with(graph.input(MASK, INT64, "B", "QT"));
    OnnxValue picture = ops.input(seen, patches);
    OnnxValue read = network.multimodal(ops, picture, ids, positions, mask);
    int queries = config.qformer().queries();
    graph.output(QUERIES, ops.cube(read), "B", queries, config.qformer().hiddenSize());
    graph.output(LOGITS, ops.flat(network.matching(ops, read)), "B", 2);
    return graph.toModel();
  }
}
