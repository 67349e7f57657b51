package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.graph.ElementType.FLOAT16;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT8;
import static io.github.blip2j.onnx.graph.ElementType.UINT8;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.onnx.graph.ElementType;
import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.OnnxGraph.FilePart;
import io.github.blip2j.onnx.graph.Tensor;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Rotary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the model text to ONNX. Linear weights are (out, in), so {@code Gemm(transB=1)} uses
 * them where they lie; attention is ONNX Runtime's fused operators, a decoder's that of {@link
 * DecoderAttention}.
 */
final class OnnxOps implements Ops<OnnxValue> {
  /** Added to scores of what is not to be seen; its exponential is 0. */
  static final float HIDDEN = -1e9f;

  private final OnnxGraph graph;
  private final WeightPlaces places;
  private final StepNames step;
  private final @Nullable DecoderAttention attention;
  private final Map<Tensor, Tensor> reshaped = new HashMap<>();
  private final Map<List<Object>, Tensor> once = new HashMap<>();
  private final Set<Tensor> activated = new HashSet<>();

  /** Compiles a stage without a cache. */
  OnnxOps(OnnxGraph graph, WeightPlaces places) {
    this.graph = graph;
    this.places = places;
    step = StepNames.STEP;
    attention = null;
  }

  /** Compiles a decoder whose cache and row ends have names of their own. */
  OnnxOps(OnnxGraph graph, WeightPlaces places, CachePlan cache, StepNames step) {
    this.graph = graph;
    this.places = places;
    this.step = step;
    attention = new DecoderAttention(this, graph, cache, step);
  }

  /**
   * A value that the graph is given.
   *
   * @param length its second axis, or {@link OnnxValue#ANY}
   */
  OnnxValue input(Tensor tensor, int length) {
    return new OnnxValue(tensor, batch(tensor), length);
  }

  /** The first size of a tensor, as a list of one integer. */
  Tensor batch(Tensor tensor) {
    return axis(tensor, 0);
  }

  /** A size of a tensor, as a list of one integer. */
  Tensor axis(Tensor tensor, int axis) {
    return once(() -> tensor.sizeOf(axis), "axis", axis, tensor);
  }

  /**
   * A value that does not depend on the layer: made the first time that it is asked for.
   *
   * @param key what it is, and of what
   */
  Tensor once(Supplier<Tensor> maker, Object... key) {
    List<Object> what = List.of(key);
    Tensor known = once.get(what);
    if (known == null) {
      known = maker.get();
      once.put(what, known);
    }
    return known;
  }

  private Tensor weight(WeightTensor tensor) {
    return stored(tensor.name(), FLOAT32, tensor.shape(), places.place(tensor));
  }

  private @Nullable Tensor optional(@Nullable WeightTensor tensor) {
    return tensor == null ? null : weight(tensor);
  }

  private Tensor stored(String name, ElementType type, List<Long> shape, FilePart part) {
    return graph.stored(name, type, shape, part);
  }

  /** The value with two axes (B·T, D). */
  Tensor flat(OnnxValue x) {
    return x.isFlat()
        ? x.tensor()
        : reshaped.computeIfAbsent(x.tensor(), t -> t.reshape(-1, x.width()));
  }

  /** The value with three axes (B, T, D). */
  Tensor cube(OnnxValue x) {
    return x.isFlat() ? reshaped.computeIfAbsent(x.tensor(), t -> t.reshape(shape(x))) : x.tensor();
  }

  private Tensor shape(OnnxValue x) {
    if (x.length() != OnnxValue.ANY) {
      return graph.integers(-1, x.length(), x.width());
    }
    return once(
        () -> x.batch().concat(0, graph.integers(-1), graph.integers(x.width())),
        "shape",
        x.batch(),
        x.width());
  }

  @Override
  public OnnxValue linear(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    return product(x, weight, bias, places.form(weight));
  }

  @Override
  public OnnxValue linearInFloat32(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    return product(x, weight, bias, places.form(weight).inFloat32());
  }

  private OnnxValue product(
      OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias, WeightForm form) {
    return x.with(
        switch (form) {
          case FLOAT32 -> flat(x).gemm(weight(weight), optional(bias));
          case FLOAT16 -> half(x, weight, bias);
          default -> quantized(x, weight, bias, form);
        });
  }

  /** A product of binary16 numbers; the bias is added in float32. */
  private Tensor half(OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias) {
    String name = weight.name() + "." + WeightForm.FLOAT16;
    FilePart place = places.place(weight, WeightForm.FLOAT16);
    Tensor values = stored(name, FLOAT16, weight.shape(), place);
    Tensor product = cast(cast(flat(x), FLOAT16).gemm(values, null), FLOAT32);
    return bias == null ? product : product.add(weight(bias));
  }

  /** The integers from 0 up to a list of one integer, which is left out. */
  Tensor upTo(Tensor count) {
    Tensor zero = graph.integers(0).scalar();
    return zero.range(count.scalar(), graph.integers(1).scalar());
  }

  /** A value as numbers of another type. */
  Tensor cast(Tensor value, ElementType type) {
    return once(() -> value.cast(type), "cast", value, type);
  }

  /** What an activation gives is above zero, or little below. */
  private OnnxValue activated(OnnxValue x, Tensor result) {
    activated.add(result);
    return x.with(result);
  }

  private Tensor quantized(
      OnnxValue x, WeightTensor weight, @Nullable WeightTensor bias, WeightForm form) {
    List<FilePart> found = places.quantized(weight, form);
    String name = weight.name() + "." + form;
    ElementType type = form == WeightForm.INT8_COLUMNS ? INT8 : UINT8;
    Tensor values = stored(name, type, form.shape(weight), found.get(0));
    Tensor scales = stored(name + "_scales", FLOAT32, form.scales(weight), found.get(1));
    Tensor added = optional(bias);
    if (form == WeightForm.INT8_COLUMNS) {
      Tensor.ByteRange bytes = ByteSums.range(activated.contains(flat(x)));
      return flat(x).matMulOfBytes(values, scales, added, bytes);
    }
    Tensor.WeightBlocks blocks =
        new Tensor.WeightBlocks(
            weight.size(1), form.bits(), form.block(), places.roundsActivations());
    return flat(x).matMulNBits(values, scales, added, blocks);
  }

  @Override
  public OnnxValue layerNorm(OnnxValue x, WeightTensor weight, WeightTensor bias, double eps) {
    return x.with(flat(x).layerNorm(weight(weight), weight(bias), eps));
  }

  @Override
  public OnnxValue gelu(OnnxValue x) {
    return activated(x, flat(x).gelu());
  }

  @Override
  public OnnxValue silu(OnnxValue x) {
    return activated(x, flat(x).silu());
  }

  /** The kernel looks angles up in a table: here the table is the step's own, in order. */
  @Override
  public OnnxValue rotate(OnnxValue x, OnnxValue positionIds, Rotary rotary) {
    Tensor positions = positionIds.tensor();
    Tensor angles = once(() -> positions.angles(rotary.frequencies()), "angles", positions, rotary);
    Tensor cosines = once(() -> angles.cosines(), "cosines", angles);
    Tensor sines = once(() -> angles.sines(), "sines", angles);
    Tensor places =
        once(() -> upTo(axis(angles, 0)).reshape(positions.sizes()), "places of angles", angles);
    return x.with(cube(x).rotate(places, cosines, sines));
  }

  @Override
  public OnnxValue relu(OnnxValue x) {
    return activated(x, flat(x).relu());
  }

  @Override
  public OnnxValue add(OnnxValue a, OnnxValue b) {
    return a.with(flat(a).add(flat(b)));
  }

  @Override
  public OnnxValue addParameter(OnnxValue x, WeightTensor parameter) {
    return x.with(cube(x).add(weight(parameter)));
  }

  @Override
  public OnnxValue expand(WeightTensor parameter, OnnxValue like) {
    Tensor sizes = like.batch().concat(0, graph.integers(1, 1));
    return like.with(weight(parameter).expand(sizes), parameter.size(1));
  }

  @Override
  public OnnxValue concat(OnnxValue first, OnnxValue second) {
    boolean known = first.length() != OnnxValue.ANY && second.length() != OnnxValue.ANY;
    int length = known ? first.length() + second.length() : OnnxValue.ANY;
    return first.with(cube(first).concat(1, cube(second)), length);
  }

  @Override
  public List<OnnxValue> split(OnnxValue x, int parts) {
    return flat(x).split(1, parts).stream().map(x::with).toList();
  }

  @Override
  public OnnxValue join(List<OnnxValue> parts) {
    Tensor[] others = parts.stream().skip(1).map(this::flat).toArray(Tensor[]::new);
    return parts.get(0).with(flat(parts.get(0)).concat(1, others));
  }

  @Override
  public List<OnnxValue> splitHeads(OnnxValue x, int heads, int parts) {
    int width = x.width() / parts;
    Tensor byHead = flat(x).reshape(-1, heads, parts, width / heads); // (B·T,H,parts,d)
    return byHead.split(2, parts).stream().map(p -> x.with(p.reshape(-1, width))).toList();
  }

  @Override
  public OnnxValue patchEmbedding(OnnxValue pixels, WeightTensor weight, WeightTensor bias) {
    Tensor grid = pixels.tensor().patches(weight(weight), weight(bias)); // (B,E,side,side)
    Tensor columns = grid.reshape(0, weight.size(0), -1);
    int side = pixels.width() / weight.size(3);
    return pixels.with(columns.transpose(0, 2, 1), side * side); // (B,N-1,E)
  }

  @Override
  public OnnxValue embedding(OnnxValue ids, WeightTensor table, int offset) {
    Tensor index = offset == 0 ? ids.tensor() : ids.tensor().add(offset);
    return ids.with(rows(table, index));
  }

  /** Rows of a table in float32, however it is stored: what is widened is no more than they. */
  private Tensor rows(WeightTensor table, Tensor index) {
    if (places.tables() == WeightForm.FLOAT32) {
      return weight(table).gather(index, 0);
    }
    String name = table.name() + "." + WeightForm.FLOAT16;
    FilePart place = places.place(table, WeightForm.FLOAT16);
    return stored(name, FLOAT16, table.shape(), place).gather(index, 0).cast(FLOAT32);
  }

  @Override
  public OnnxValue attention(Attended<OnnxValue> x, Heads heads, @Nullable OnnxValue bias) {
    Tensor queries = cube(x.query());
    Tensor.KeysValues seen = new Tensor.KeysValues(cube(x.key()), cube(x.value()));
    Tensor added = bias == null ? null : bias.tensor();
    return x.query().with(queries.multiHeadAttention(seen, heads.count(), heads.scale(), added));
  }

  /** In plain operators: the fused one gives no weights. */
  @Override
  public OnnxValue attentionWeights(OnnxValue query, OnnxValue key, Heads heads) {
    Tensor queries = cube(query).reshape(0, 0, heads.count(), -1).transpose(0, 2, 1, 3);
    Tensor keys = cube(key).reshape(0, 0, heads.count(), -1).transpose(0, 2, 3, 1);
    Tensor scores = queries.matMul(keys); // (B,H,T,S)
    Tensor weights = scores.mul((float) heads.scale()).softmax(-1);
    int length = query.length() == OnnxValue.ANY ? OnnxValue.ANY : heads.count() * query.length();
    Tensor sizes = query.batch().concat(0, graph.integers(-1), axis(cube(key), 1));
    return query.with(weights.reshape(sizes), length); // (B,H·T,S)
  }

  @Override
  public OnnxValue cachedAttention(
      Attended<OnnxValue> x, Heads heads, int layer, @Nullable OnnxValue bias) {
    return decoder().cached(new DecoderAttention.Call(x, heads, layer, bias));
  }

  @Override
  public OnnxValue memoryAttention(OnnxValue query, Heads heads, int layer) {
    return decoder().memory(query, heads, layer);
  }

  private DecoderAttention decoder() {
    return Objects.requireNonNull(attention, "a stage without a cache attends to none");
  }

  @Override
  public OnnxValue relativeBias(OnnxValue buckets, WeightTensor table) {
    Tensor none = graph.integers(0);
    Tensor seen = buckets.tensor().max(none);
    Tensor rows = weight(table).gather(seen, 0); // (B,T,S,H)
    Tensor bias = rows.transpose(0, 3, 1, 2); // (B,H,T,S)
    return buckets.with(bias.add(hidden(buckets)));
  }

  /** What negative numbers (B,T,S) hide, (B,1,T,S). */
  private Tensor hidden(OnnxValue numbers) {
    Tensor hidden = numbers.tensor().less(graph.integers(0));
    return hidden.where(graph.real(HIDDEN), graph.real(0)).unsqueeze(1);
  }

  @Override
  public OnnxValue distanceBias(OnnxValue distances, float[] slopes) {
    Tensor byHead = graph.reals(slopes).reshape(1, slopes.length, 1, 1);
    Tensor far = cast(distances.tensor(), FLOAT32).unsqueeze(1); // (B,1,T,S)
    return distances.with(far.mul(byHead).mul(-1).add(hidden(distances)));
  }

  @Override
  public OnnxValue paddingBias(OnnxValue mask) {
    Tensor hidden = mask.tensor().less(graph.integers(1));
    Tensor row = hidden.where(graph.real(HIDDEN), graph.real(0)); // (B,S)
    Tensor byKey = row.unsqueeze(1, 2); // (B,1,1,S)
    Tensor byQuery = row.unsqueeze(1, 3); // (B,1,S,1)
    return mask.with(byKey.add(byQuery.mul(0))); // (B,1,S,S)
  }

  @Override
  public OnnxValue rmsNorm(OnnxValue x, WeightTensor weight, double eps) {
    return x.with(flat(x).rmsNorm(weight(weight), eps));
  }

  @Override
  public OnnxValue normalize(OnnxValue x) {
    return x.with(flat(x).normalize(-1));
  }

  @Override
  public OnnxValue geluTanh(OnnxValue x) {
    return activated(x, flat(x).fastGelu());
  }

  @Override
  public OnnxValue multiply(OnnxValue a, OnnxValue b) {
    return a.with(flat(a).mul(flat(b)));
  }

  @Override
  public OnnxValue scale(OnnxValue x, double factor) {
    return x.with(flat(x).mul((float) factor));
  }

  @Override
  public OnnxValue first(OnnxValue x, int count) {
    return x.with(cube(x).slice(1, 0, count), count);
  }

  @Override
  public OnnxValue rest(OnnxValue x, int count) {
    boolean known = x.length() != OnnxValue.ANY;
    int length = known ? x.length() - count : OnnxValue.ANY;
    return x.with(cube(x).slice(1, count, Integer.MAX_VALUE), length);
  }

  @Override
  public OnnxValue behind(OnnxValue x, OnnxValue front) {
    Tensor count = axis(cube(front), 1);
    return x.with(cube(x).slice(1, count, graph.integers(Integer.MAX_VALUE)), OnnxValue.ANY);
  }

  @Override
  public OnnxValue meanPosition(OnnxValue x) {
    return x.with(cube(x).reduceMean(1, true), 1);
  }

  @Override
  public OnnxValue fold(OnnxValue x) {
    Tensor row = flat(x).reshape(1, -1, x.width());
    return new OnnxValue(row, graph.integers(1), OnnxValue.ANY);
  }

  @Override
  public OnnxValue unfold(OnnxValue x, OnnxValue like) {
    return like.with(flat(x));
  }

  @Override
  public OnnxValue lastPosition(OnnxValue x) {
    return x.with(flat(x).gather(graph.value(step.lastRow()), 0), 1);
  }

  @Override
  public OnnxValue noVectors(OnnxValue like, int width) {
    Tensor sizes = like.batch().concat(0, graph.integers(0, width));
    return like.with(graph.real(0).expand(sizes), 0);
  }

  @Override
  public OnnxValue newestPosition() {
    Tensor last = cast(graph.value(step.lastKey()), ElementType.INT64);
    return input(last.reshape(-1, 1), 1);
  }

  @Override
  public OnnxValue keyDistances() {
    Tensor last = cast(graph.value(step.lastKey()), ElementType.INT64);
    Tensor keys = upTo(cast(graph.value(step.total()), ElementType.INT64)); // (S)
    return input(last.reshape(-1, 1, 1).sub(keys), 1); // (B,1,S)
  }

  @Override
  public OnnxValue lookup(OnnxValue list, OnnxValue indices) {
    return indices.with(list.tensor().gather(indices.tensor(), 0));
  }
}
