package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.attributes;

import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.internal.nn.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the model text to ONNX. Linear weights are (out, in), so {@code Gemm(transB=1)} uses
 * them where they lie; attention is ONNX Runtime's fused operators.
 */
final class OnnxOps implements Ops<OnnxValue> {
  private final OnnxGraph graph;
  private final WeightPlaces places;
  private final Map<String, String> reshaped = new HashMap<>();
  private final Map<String, String> shapes = new HashMap<>();

  OnnxOps(OnnxGraph graph, WeightPlaces places) {
    this.graph = graph;
    this.places = places;
  }

  /** A value of three axes that the graph is given. */
  OnnxValue input(String name, int length, int width) {
    return new OnnxValue(name, true, batch(name), length, width);
  }

  /** The first size of a tensor, as a list of one integer. */
  private String batch(String name) {
    return graph.node("Shape", List.of(name), attributes("start", 0, "end", 1));
  }

  private String weight(WeightTensor tensor) {
    WeightPlaces.Place place = places.place(tensor);
    return graph.external(
        tensor.name(), tensor.shape(), place.location(), place.offset(), place.bytes());
  }

  /** The value with two axes (B·T, D). */
  String flat(OnnxValue x) {
    if (!x.cube()) {
      return x.name();
    }
    return reshaped.computeIfAbsent(
        x.name(),
        name -> graph.node("Reshape", List.of(name, graph.integers(-1, x.width())), Map.of()));
  }

  /** The value with three axes (B, T, D). */
  String cube(OnnxValue x) {
    if (x.cube()) {
      return x.name();
    }
    return reshaped.computeIfAbsent(
        x.name(), name -> graph.node("Reshape", List.of(name, shape(x)), Map.of()));
  }

  private String shape(OnnxValue x) {
    if (x.length() != OnnxValue.ANY) {
      return graph.integers(-1, x.length(), x.width());
    }
    return shapes.computeIfAbsent(
        x.batch() + " by " + x.width(),
        key ->
            graph.node(
                "Concat",
                List.of(x.batch(), graph.integers(-1), graph.integers(x.width())),
                attributes("axis", 0)));
  }

  @Override
  public OnnxValue linear(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    List<String> inputs = new ArrayList<>(List.of(flat(x), weight(weight)));
    if (bias != null) {
      inputs.add(weight(bias));
    }
    return x.flat(graph.node("Gemm", inputs, attributes("transB", 1)), weight.size(0));
  }

  @Override
  public OnnxValue layerNorm(OnnxValue x, WeightTensor weight, WeightTensor bias, double eps) {
    List<String> inputs = List.of(flat(x), weight(weight), weight(bias));
    Map<String, Object> attributes = attributes("axis", -1, "epsilon", eps);
    return x.flat(graph.node("LayerNormalization", inputs, attributes), x.width());
  }

  @Override
  public OnnxValue gelu(OnnxValue x) {
    return x.flat(graph.contrib("Gelu", List.of(flat(x)), Map.of()), x.width());
  }

  @Override
  public OnnxValue relu(OnnxValue x) {
    return x.flat(graph.node("Relu", List.of(flat(x)), Map.of()), x.width());
  }

  @Override
  public OnnxValue add(OnnxValue a, OnnxValue b) {
    return a.flat(graph.node("Add", List.of(flat(a), flat(b)), Map.of()), a.width());
  }

  @Override
  public OnnxValue addParameter(OnnxValue x, WeightTensor parameter) {
    String sum = graph.node("Add", List.of(cube(x), weight(parameter)), Map.of());
    return x.cubic(sum, x.length(), x.width());
  }

  @Override
  public OnnxValue expand(WeightTensor parameter, OnnxValue like) {
    List<String> sizes = List.of(like.batch(), graph.integers(1, 1));
    String shape = graph.node("Concat", sizes, attributes("axis", 0));
    String rows = graph.node("Expand", List.of(weight(parameter), shape), Map.of());
    return like.cubic(rows, parameter.size(1), parameter.size(2));
  }

  @Override
  public OnnxValue concat(OnnxValue first, OnnxValue second) {
    String joined = graph.node("Concat", List.of(cube(first), cube(second)), attributes("axis", 1));
    boolean known = first.length() != OnnxValue.ANY && second.length() != OnnxValue.ANY;
    int length = known ? first.length() + second.length() : OnnxValue.ANY;
    return first.cubic(joined, length, first.width());
  }

  @Override
  public List<OnnxValue> split(OnnxValue x, int parts) {
    List<String> names = IntStream.range(0, parts).mapToObj(i -> graph.fresh()).toList();
    graph.node("", "Split", List.of(flat(x)), names, attributes("axis", 1, "num_outputs", parts));
    return names.stream().map(n -> x.flat(n, x.width() / parts)).toList();
  }

  @Override
  public OnnxValue patchEmbedding(OnnxValue pixels, WeightTensor weight, WeightTensor bias) {
    int width = weight.size(0);
    int patch = weight.size(3);
    int[] square = {patch, patch};
    String grid =
        graph.node(
            "Conv",
            List.of(pixels.name(), weight(weight), weight(bias)),
            attributes("kernel_shape", square, "strides", square)); // (B,E,side,side)
    String columns = graph.node("Reshape", List.of(grid, graph.integers(0, width, -1)), Map.of());
    int[] swap = {0, 2, 1};
    String rows = graph.node("Transpose", List.of(columns), attributes("perm", swap)); // (B,N-1,E)
    int side = pixels.width() / patch;
    return pixels.cubic(rows, side * side, width);
  }

  @Override
  public OnnxValue embedding(OnnxValue ids, WeightTensor table, int offset) {
    String index =
        offset == 0
            ? ids.name()
            : graph.node("Add", List.of(ids.name(), graph.integers(offset)), Map.of());
    String rows = graph.node("Gather", List.of(weight(table), index), attributes("axis", 0));
    return ids.cubic(rows, ids.length(), table.size(1));
  }

  @Override
  public OnnxValue attention(
      OnnxValue query, OnnxValue key, OnnxValue value, int heads, double scale) {
    String out =
        graph.contrib(
            "MultiHeadAttention",
            List.of(cube(query), cube(key), cube(value)),
            attributes("num_heads", heads, "scale", scale));
    return query.cubic(out, query.length(), query.width());
  }

  @Override
  public OnnxValue cachedAttention(
      OnnxValue query, OnnxValue key, OnnxValue value, int heads, double scale, int layer) {
    String out = graph.fresh();
    graph.node(
        "com.microsoft",
        "GroupQueryAttention",
        List.of(
            cube(query),
            cube(key),
            cube(value),
            LanguageGraph.past("key", layer),
            LanguageGraph.past("value", layer),
            LanguageGraph.LAST_KEY,
            LanguageGraph.TOTAL),
        List.of(out, LanguageGraph.present("key", layer), LanguageGraph.present("value", layer)),
        attributes("num_heads", heads, "kv_num_heads", heads, "scale", scale));
    return query.cubic(out, query.length(), query.width());
  }

  @Override
  public OnnxValue lastPosition(OnnxValue x) {
    List<String> inputs = List.of(flat(x), LanguageGraph.LAST_ROW);
    String rows = graph.node("Gather", inputs, attributes("axis", 0));
    return new OnnxValue(rows, false, x.batch(), 1, x.width());
  }
}
