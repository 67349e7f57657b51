package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.FLOAT;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.QFormerConfig;
import io.github.blip2j.checkpoint.VisionConfig;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.VisionTransformer;

/** The graphs of the two stages that look at the picture. */
final class ImageGraphs {
  /** (B,3,side,side) float32. */
  static final String PIXELS = "pixels";

  /** (B,N,E) float32. */
  static final String PATCHES = "patches";

  /** (B,Q,D) float32. */
  static final String QUERIES = "queries";

  /** (B,Q,d) float32. */
  static final String PROJECTED = "projected";

  private ImageGraphs() {}

  static byte[] vision(VisionConfig config, VisionTransformer text, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("vision_model");
    OnnxOps ops = new OnnxOps(graph, places);
    long side = config.imageSize();
    graph.input(PIXELS, FLOAT, "B", 3L, side, side);
    OnnxValue patches = text.forward(ops, ops.input(PIXELS, OnnxValue.ANY, config.imageSize()));
    long width = config.hiddenSize();
    graph.output(PATCHES, ops.cube(patches), FLOAT, "B", (long) config.patches(), width);
    return graph.toModel();
  }

  static byte[] qformer(ModelConfig config, QFormerNetwork text, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("qformer");
    OnnxOps ops = new OnnxOps(graph, places);
    VisionConfig vision = config.vision();
    QFormerConfig c = config.qformer();
    long queries = c.queries();
    graph.input(PATCHES, FLOAT, "B", (long) vision.patches(), (long) vision.hiddenSize());
    OnnxValue x = text.forward(ops, ops.input(PATCHES, vision.patches(), vision.hiddenSize()));
    OnnxValue projected = text.project(ops, x);
    graph.output(QUERIES, ops.cube(x), FLOAT, "B", queries, (long) c.hiddenSize());
    graph.output(
        PROJECTED, ops.cube(projected), FLOAT, "B", queries, (long) config.projectedSize());
    return graph.toModel();
  }
}
