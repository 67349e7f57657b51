package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.checkpoint.QFormerConfig;
import io.github.blip2j.checkpoint.VisionConfig;
import io.github.blip2j.internal.nn.QFormerNetwork;
import io.github.blip2j.internal.nn.VisionTransformer;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;

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
    int side = config.imageSize();
    Tensor pixels = graph.input(PIXELS, FLOAT32, "B", 3, side, side);
    OnnxValue patches = text.forward(ops, ops.input(pixels, OnnxValue.ANY));
    graph.output(PATCHES, ops.cube(patches), "B", config.patches(), config.hiddenSize());
    return graph.toModel();
  }

  static byte[] qformer(ModelConfig config, QFormerNetwork text, WeightPlaces places) {
    OnnxGraph graph = new OnnxGraph("qformer");
    OnnxOps ops = new OnnxOps(graph, places);
    VisionConfig vision = config.vision();
    QFormerConfig c = config.qformer();
    Tensor patches = graph.input(PATCHES, FLOAT32, "B", vision.patches(), vision.hiddenSize());
    OnnxValue x = text.forward(ops, ops.input(patches, vision.patches()));
    OnnxValue projected = text.project(ops, x);
    graph.output(QUERIES, ops.cube(x), "B", c.queries(), c.hiddenSize());
    graph.output(PROJECTED, ops.cube(projected), "B", c.queries(), config.projectedSize());
    return graph.toModel();
  }
}
