package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.attributes;

import io.github.blip2j.checkpoint.WeightTensor;
import io.github.blip2j.internal.nn.Ops;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the model text to ONNX. Linear weights are (out, in), so {@code Gemm(transB=1)} uses
 * them where they lie; attention is ONNX Runtime's fused operators, a decoder's that of {@link
 * DecoderAttention}.
 */
final class OnnxOps implements Ops<OnnxValue> {
  /** The name of an input that an operator is not given. */
  static final String ABSENT = "";

  /** Added to scores of what is not to be seen; its exponential is 0. */
  static final float HIDDEN = -1e9f;

  /** MatMulNBits rounds activations to 8 bits, block by block: four times as fast as float32. */
  private static final int INT8_ACTIVATIONS = 4;

  private final OnnxGraph graph;
  private final WeightPlaces places;
  private final StepNames step;
  private final DecoderAttention attention;
  private final Map<String, String> reshaped = new HashMap<>();
  private final Map<String, String> once = new HashMap<>();

  OnnxOps(OnnxGraph graph, WeightPlaces places) {
    this(graph, places, StepNames.STEP);
  }

  /** Compiles a decoder whose cache and row ends have names of their own. */
  OnnxOps(OnnxGraph graph, WeightPlaces places, StepNames step) {
    this.graph = graph;
    this.places = places;
    this.step = step;
    attention = new DecoderAttention(this, graph, places, step);
  }

  /** A value of three axes that the graph is given. */
  OnnxValue input(String name, int length, int width) {
    return new OnnxValue(name, true, batch(name), length, width);
  }

  /** Integers (B,T,…) that the graph is given, of the same batch as another value. */
  OnnxValue numbers(String name, OnnxValue like) {
    return new OnnxValue(name, true, like.batch(), OnnxValue.ANY, 1);
  }

  /** The first size of a tensor, as a list of one integer. */
  String batch(String name) {
    return axis(name, 0);
  }

  /** A size of a tensor, as a list of one integer. */
  String axis(String name, int axis) {
    return once(
        "axis " + axis + " of " + name,
        () -> graph.node("Shape", List.of(name), attributes("start", axis, "end", axis + 1)));
  }

  /** A value that does not depend on the layer: made the first time that it is asked for. */
  String once(String what, Supplier<String> maker) {
    String known = once.get(what);
    if (known == null) {
      known = maker.get();
      once.put(what, known);
    }
    return known;
  }

  private String weight(WeightTensor tensor) {
    WeightPlaces.Place place = places.place(tensor);
    return external(tensor.name(), OnnxGraph.FLOAT, tensor.shape(), place);
  }

  /** The value with two axes (B·T, D). */
  String flat(OnnxValue x) {
    if (!x.cube()) {
      return x.name();
    }
    return reshaped.computeIfAbsent(
        x.name(), name -> graph.node("Reshape", name, graph.integers(-1, x.width())));
  }

  /** The value with three axes (B, T, D). */
  String cube(OnnxValue x) {
    if (x.cube()) {
      return x.name();
    }
    return reshaped.computeIfAbsent(x.name(), name -> graph.node("Reshape", name, shape(x)));
  }

  private String shape(OnnxValue x) {
    if (x.length() != OnnxValue.ANY) {
      return graph.integers(-1, x.length(), x.width());
    }
    return once(
        x.batch() + " by " + x.width(),
        () ->
            graph.node(
                "Concat",
                List.of(x.batch(), graph.integers(-1), graph.integers(x.width())),
                attributes("axis", 0)));
  }

  @Override
  public OnnxValue linear(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    WeightForm form = places.form(weight);
    String product;
    if (form == WeightForm.FLOAT32) {
      List<String> inputs = new ArrayList<>(List.of(flat(x), weight(weight)));
      if (bias != null) {
        inputs.add(weight(bias));
      }
      product = graph.node("Gemm", inputs, attributes("transB", 1));
    } else if (form == WeightForm.FLOAT16) {
      product = half(x, weight, bias);
    } else {
      product = quantized(x, weight, bias, form);
    }
    return x.flat(product, weight.size(0));
  }

  /** A product of binary16 numbers; the bias is added in float32. */
  private String half(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    String name = weight.name() + "." + WeightForm.FLOAT16;
    WeightPlaces.Place place = places.place(weight, WeightForm.FLOAT16);
    String values = external(name, OnnxGraph.FLOAT16, weight.shape(), place);
    List<String> inputs = List.of(cast(flat(x), OnnxGraph.FLOAT16), values);
    String product = cast(graph.node("Gemm", inputs, attributes("transB", 1)), OnnxGraph.FLOAT);
    return bias == null ? product : graph.node("Add", product, weight(bias));
  }

  /** The integers from 0 up to a list of one integer, which is left out. */
  String upTo(String count) {
    String zero = graph.scalar(graph.integers(0));
    return graph.node("Range", zero, graph.scalar(count), graph.scalar(graph.integers(1)));
  }

  /** A value as numbers of another type. */
  String cast(String value, int type) {
    return once(value + " as " + type, () -> graph.cast(value, type));
  }

  private String quantized(
      OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias, WeightForm form) {
    List<WeightPlaces.Place> found = places.quantized(weight, form);
    String name = weight.name() + "." + form;
    int type = form == WeightForm.INT8_COLUMNS ? OnnxGraph.INT8 : OnnxGraph.UINT8;
    String values = external(name, type, form.shape(weight), found.get(0));
    String scales = external(name + "_scales", OnnxGraph.FLOAT, form.scales(weight), found.get(1));
    String added = bias == null ? ABSENT : weight(bias);
    if (form == WeightForm.INT8_COLUMNS) {
      return graph.contrib(
          "DynamicQuantizeMatMul", List.of(flat(x), values, scales, ABSENT, added), Map.of());
    }
    return graph.contrib(
        "MatMulNBits",
        List.of(flat(x), values, scales, ABSENT, ABSENT, added),
        attributes(
            "K", weight.size(1),
            "N", weight.size(0),
            "bits", form.bits(),
            "block_size", form.block(),
            "accuracy_level", INT8_ACTIVATIONS));
  }

  private String external(String name, int type, List<Long> shape, WeightPlaces.Place place) {
    return graph.external(name, type, shape, place.location(), place.offset(), place.bytes());
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
    return x.flat(graph.node("Relu", flat(x)), x.width());
  }

  @Override
  public OnnxValue add(OnnxValue a, OnnxValue b) {
    return a.flat(graph.node("Add", flat(a), flat(b)), a.width());
  }

  @Override
  public OnnxValue addParameter(OnnxValue x, WeightTensor parameter) {
    String sum = graph.node("Add", cube(x), weight(parameter));
    return x.cubic(sum, x.length(), x.width());
  }

  @Override
  public OnnxValue expand(WeightTensor parameter, OnnxValue like) {
    List<String> sizes = List.of(like.batch(), graph.integers(1, 1));
    String shape = graph.node("Concat", sizes, attributes("axis", 0));
    String rows = graph.node("Expand", weight(parameter), shape);
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
    String columns = graph.node("Reshape", grid, graph.integers(0, width, -1));
    String rows = graph.transpose(columns, 0, 2, 1); // (B,N-1,E)
    int side = pixels.width() / patch;
    return pixels.cubic(rows, side * side, width);
  }

  @Override
  public OnnxValue embedding(OnnxValue ids, WeightTensor table, int offset) {
    String index = offset == 0 ? ids.name() : graph.node("Add", ids.name(), graph.integers(offset));
    String rows = graph.node("Gather", List.of(weight(table), index), attributes("axis", 0));
    return ids.cubic(rows, ids.length(), table.size(1));
  }

  @Override
  public OnnxValue attention(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      @Nullable OnnxValue bias) {
    List<String> inputs = new ArrayList<>(List.of(cube(query), cube(key), cube(value)));
    return query.cubic(multiHead(inputs, bias, heads, scale), query.length(), query.width());
  }

  /** Attention to all keys; a bias is the operator's sixth input. */
  String multiHead(List<String> inputs, @Nullable OnnxValue bias, int heads, double scale) {
    if (bias != null) {
      inputs.addAll(List.of(ABSENT, ABSENT, bias.name()));
    }
    return graph.contrib(
        "MultiHeadAttention", inputs, attributes("num_heads", heads, "scale", scale));
  }

  @Override
  public OnnxValue cachedAttention(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      int layer,
      @Nullable OnnxValue bias) {
    return attention.cached(
        new DecoderAttention.Call(query, key, value, heads, scale, layer, bias));
  }

  @Override
  public OnnxValue memoryAttention(OnnxValue query, int heads, double scale, int layer) {
    return attention.memory(query, heads, scale, layer);
  }

  @Override
  public OnnxValue relativeBias(OnnxValue buckets, WeightTensor table) {
    String none = graph.integers(0);
    String seen = graph.node("Max", buckets.name(), none);
    String rows =
        graph.node("Gather", List.of(weight(table), seen), attributes("axis", 0)); // (B,T,S,H)
    String bias = graph.transpose(rows, 0, 3, 1, 2); // (B,H,T,S)
    String hidden = graph.node("Less", buckets.name(), none);
    List<String> either = List.of(hidden, graph.real(HIDDEN), graph.real(0));
    String mask = graph.node("Where", either, Map.of()); // (B,T,S)
    String wide = graph.node("Unsqueeze", mask, graph.integers(1));
    String sum = graph.node("Add", bias, wide);
    return buckets.cubic(sum, OnnxValue.ANY, OnnxValue.ANY);
  }

  @Override
  public OnnxValue paddingBias(OnnxValue mask) {
    String hidden = graph.node("Less", mask.name(), graph.integers(1));
    List<String> either = List.of(hidden, graph.real(HIDDEN), graph.real(0));
    String row = graph.node("Where", either, Map.of()); // (B,S)
    List<String> keys = List.of(row, graph.integers(1, 2));
    String byKey = graph.node("Unsqueeze", keys, Map.of()); // (B,1,1,S)
    List<String> queries = List.of(row, graph.integers(1, 3));
    String byQuery = graph.node("Unsqueeze", queries, Map.of()); // (B,1,S,1)
    String zeros = graph.node("Mul", byQuery, graph.real(0));
    String bias = graph.node("Add", byKey, zeros); // (B,1,S,S)
    return mask.cubic(bias, OnnxValue.ANY, OnnxValue.ANY);
  }

  @Override
  public OnnxValue rmsNorm(OnnxValue x, WeightTensor weight, double eps) {
    List<String> inputs = List.of(flat(x), weight(weight));
    Map<String, Object> attributes = attributes("axis", -1, "epsilon", eps);
    String norm = graph.node("SimplifiedLayerNormalization", inputs, attributes);
    return x.flat(norm, x.width());
  }

  @Override
  public OnnxValue normalize(OnnxValue x) {
    Map<String, Object> attributes = attributes("axis", -1, "p", 2);
    return x.flat(graph.node("LpNormalization", List.of(flat(x)), attributes), x.width());
  }

  @Override
  public OnnxValue geluTanh(OnnxValue x) {
    return x.flat(graph.contrib("FastGelu", List.of(flat(x)), Map.of()), x.width());
  }

  @Override
  public OnnxValue multiply(OnnxValue a, OnnxValue b) {
    return a.flat(graph.node("Mul", flat(a), flat(b)), a.width());
  }

  @Override
  public OnnxValue scale(OnnxValue x, double factor) {
    String number = graph.real((float) factor);
    return x.flat(graph.node("Mul", flat(x), number), x.width());
  }

  @Override
  public OnnxValue first(OnnxValue x, int count) {
    return x.cubic(slice(x, 0, count), count, x.width());
  }

  @Override
  public OnnxValue rest(OnnxValue x, int count) {
    boolean known = x.length() != OnnxValue.ANY;
    int length = known ? x.length() - count : OnnxValue.ANY;
    return x.cubic(slice(x, count, Integer.MAX_VALUE), length, x.width());
  }

  private String slice(OnnxValue x, int from, int to) {
    List<String> inputs =
        List.of(cube(x), graph.integers(from), graph.integers(to), graph.integers(1));
    return graph.node("Slice", inputs, Map.of());
  }

  @Override
  public OnnxValue meanPosition(OnnxValue x) {
    List<String> inputs = List.of(cube(x), graph.integers(1));
    String mean = graph.node("ReduceMean", inputs, attributes("keepdims", 1));
    return x.cubic(mean, 1, x.width());
  }

  @Override
  public OnnxValue fold(OnnxValue x) {
    List<String> inputs = List.of(flat(x), graph.integers(1, -1, x.width()));
    String row = graph.node("Reshape", inputs, Map.of());
    return new OnnxValue(row, true, graph.integers(1), OnnxValue.ANY, x.width());
  }

  @Override
  public OnnxValue unfold(OnnxValue x, OnnxValue like) {
    return new OnnxValue(flat(x), false, like.batch(), like.length(), x.width());
  }

  @Override
  public OnnxValue lastPosition(OnnxValue x) {
    List<String> inputs = List.of(flat(x), step.lastRow());
    String rows = graph.node("Gather", inputs, attributes("axis", 0));
    return new OnnxValue(rows, false, x.batch(), 1, x.width());
  }
}
