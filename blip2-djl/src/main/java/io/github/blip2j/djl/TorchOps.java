package io.github.blip2j.djl;

import io.github.blip2j.files.WeightTensor;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.NormFold;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Rotary;
import io.github.blip2j.stage.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the model text to the body of one TorchScript method: a value is the name of a variable.
 * Weights are elements of the list {@code w}, in the order in which they are first asked for.
 */
class TorchOps implements Ops<String> {
  /** Added to scores of what is not to be seen; its exponential is 0. */
  private static final String HIDDEN = "-1000000000.";

  private final LinearKernel kernel;
  private final WeightSlots slots;
  private final StringBuilder body = new StringBuilder();
  private final Map<List<Object>, List<String>> angles = new HashMap<>();
  private final Map<String, NormFold> norms = new HashMap<>();
  private final Map<String, NormFold> layers = new HashMap<>();
  private int variables;

  /** Compiles a stage, whose norms are folded where the kernel rounds to few bits. */
  TorchOps(LinearKernel kernel, WeightSlots slots, Stage stage) {
    this.kernel = kernel;
    this.slots = slots;
    if (kernel.folds()) {
      for (NormFold fold : stage.weights().folds()) {
        fold.norm().forEach(w -> norms.put(w.name(), fold));
        fold.linear().forEach(w -> layers.put(w.name(), fold));
      }
    }
  }

  /** The statements so far, indented for a method of a class. */
  String body() {
    return body.toString();
  }

  final String set(String expression, Object... arguments) {
    String name = "x" + variables++;
    statement(name + " = " + String.format(Locale.ROOT, expression, arguments));
    return name;
  }

  final void statement(String text) {
    body.append("    ").append(text).append('\n');
  }

  /** The variable of a weight. */
  String weight(WeightTensor tensor) {
    return "w[" + slots.plain(tensor) + "]";
  }

  private String norm(WeightTensor tensor) {
    NormFold fold = norms.get(tensor.name());
    return fold == null ? weight(tensor) : "w[" + slots.divided(tensor, fold) + "]";
  }

  @Override
  public String linear(String x, WeightTensor weight, @Nullable WeightTensor bias) {
    return product(kernel, x, weight, bias);
  }

  /** Only what rounds activations to 16 bits overflows. */
  @Override
  public String linearInFloat32(String x, WeightTensor weight, @Nullable WeightTensor bias) {
    return product(kernel == LinearKernel.HALF ? LinearKernel.PLAIN : kernel, x, weight, bias);
  }

  private String product(
      LinearKernel kernel, String x, WeightTensor weight, @Nullable WeightTensor bias) {
    String added = bias == null ? "None" : weight(bias);
    String matrix =
        switch (kernel.keeping()) {
          case AS_IT_IS -> weight(weight);
          case TENSOR -> "w[" + slots.prepared(weight, kernel) + "]";
          case PACKED_OBJECT ->
              "packed[" + slots.packed(weight, bias, kernel, layers.get(weight.name())) + "]";
        };
    return set("%s", kernel.product(x, matrix, added));
  }

  @Override
  public String layerNorm(String x, WeightTensor weight, WeightTensor bias, double eps) {
    return set(
        "torch.layer_norm(%s, [%d], %s, %s, %s)", x, weight.size(0), norm(weight), norm(bias), eps);
  }

  @Override
  public String gelu(String x) {
    return set("torch.gelu(%s)", x);
  }

  @Override
  public String silu(String x) {
    return set("torch.silu(%s)", x);
  }

  @Override
  public String rotate(String x, String positionIds, Rotary rotary) {
    List<String> turns =
        angles.computeIfAbsent(List.of(positionIds, rotary), key -> turns(positionIds, rotary));
    String halves =
        set(
            "torch.reshape(%s, [torch.size(%s, 0), torch.size(%s, 1), -1, 2, %d])",
            x, x, x, rotary.headWidth() / 2); // (B,T,H,2,d/2)
    String a = set("torch.select(%s, 3, 0)", halves);
    String b = set("torch.select(%s, 3, 1)", halves);
    String cos = turns.get(0);
    String sin = turns.get(1);
    String first = set("torch.sub(torch.mul(%s, %s), torch.mul(%s, %s))", a, cos, b, sin);
    String second = set("torch.add(torch.mul(%s, %s), torch.mul(%s, %s))", b, cos, a, sin);
    return set("torch.flatten(torch.stack([%s, %s], 3), 2)", first, second); // (B,T,H·d)
  }

  /** Cosines and sines (B,T,1,d/2), computed once for all layers. */
  private List<String> turns(String positionIds, Rotary rotary) {
    String list = numbers(rotary.frequencies(), positionIds);
    String column = set("torch.unsqueeze(torch.unsqueeze(%s, 2), 3)", positionIds); // (B,T,1,1)
    String angle = set("torch.mul(%s, %s)", column, list); // (B,T,1,d/2)
    return List.of(set("torch.cos(%s)", angle), set("torch.sin(%s)", angle));
  }

  @Override
  public String relu(String x) {
    return set("torch.relu(%s)", x);
  }

  @Override
  public String add(String a, String b) {
    return set("torch.add(%s, %s)", a, b);
  }

  @Override
  public String addParameter(String x, WeightTensor parameter) {
    return set("torch.add(%s, %s)", x, weight(parameter));
  }

  @Override
  public String expand(WeightTensor parameter, String like) {
    return set("torch.expand(%s, [torch.size(%s, 0), -1, -1])", weight(parameter), like);
  }

  @Override
  public String concat(String first, String second) {
    return set("torch.cat([%s, %s], 1)", first, second);
  }

  @Override
  public List<String> split(String x, int parts) {
    String list = set("torch.chunk(%s, %d, -1)", x, parts);
    List<String> names = new ArrayList<>();
    IntStream.range(0, parts).forEach(i -> names.add(set("%s[%d]", list, i)));
    return names;
  }

  @Override
  public String join(List<String> parts) {
    return set("torch.cat([%s], -1)", String.join(", ", parts));
  }

  @Override
  public List<String> splitHeads(String x, int heads, int parts) {
    String byHead =
        set(
            "torch.reshape(%s, [torch.size(%s, 0), torch.size(%s, 1), %d, %d, -1])",
            x, x, x, heads, parts); // (B,T,H,parts,d)
    List<String> names = new ArrayList<>();
    IntStream.range(0, parts)
        .forEach(i -> names.add(set("torch.flatten(torch.select(%s, 3, %d), 2)", byHead, i)));
    return names;
  }

  /**
   * What {@code torch.conv2d} calls. The last argument is whether a GPU may multiply float32 with
   * ten bits of mantissa, to which that says yes.
   */
  @Override
  public String patchEmbedding(String pixels, WeightTensor weight, WeightTensor bias) {
    int patch = weight.size(3);
    String grid =
        set(
            "torch._convolution(%s, %s, %s, [%d, %d], [0, 0], [1, 1], False, [0, 0], 1,"
                + " False, False, True, False)",
            pixels, weight(weight), weight(bias), patch, patch); // (B,E,side,side)
    return set("torch.transpose(torch.flatten(%s, 2), 1, 2)", grid); // (B,N-1,E)
  }

  @Override
  public String embedding(String ids, WeightTensor table, int offset) {
    String index = offset == 0 ? ids : set("torch.add(%s, %d)", ids, offset);
    return set("torch.embedding(%s, %s)", weight(table), index);
  }

  @Override
  public String attention(Attended<String> x, Heads heads, @Nullable String bias) {
    String mask = bias == null ? "None" : bias;
    return attended(
        heads(x.query(), heads.count()), x.key(), x.value(), heads, mask + ", 0., False");
  }

  @Override
  public String attentionWeights(String query, String key, Heads heads) {
    String turned = set("torch.transpose(%s, 2, 3)", heads(key, heads.count())); // (B,H,d,S)
    String scores = set("torch.matmul(%s, %s)", heads(query, heads.count()), turned); // (B,H,T,S)
    String weights = set("torch.softmax(torch.mul(%s, %s), -1)", scores, heads.scale());
    return set("torch.flatten(%s, 1, 2)", weights); // (B,H·T,S)
  }

  /** Attention of queries (B,H,T,d) to keys and values (B,S,G·d); gives (B,T,H·d). */
  final String attended(String query, String key, String value, Heads heads, String mask) {
    String grouped = heads.keyValues() == heads.count() ? "" : ", enable_gqa=True";
    String seen =
        set(
            "torch.scaled_dot_product_attention(%s, %s, %s, %s, scale=%s%s)",
            query,
            heads(key, heads.keyValues()),
            heads(value, heads.keyValues()),
            mask,
            heads.scale(),
            grouped); // (B,H,T,d)
    return set("torch.flatten(torch.transpose(%s, 1, 2), 2)", seen); // (B,T,H·d)
  }

  /** (B,T,D) to (B,H,T,d). */
  final String heads(String x, int heads) {
    return set(
        "torch.transpose(torch.reshape(%s, [torch.size(%s, 0), torch.size(%s, 1), %d, -1]), 1, 2)",
        x, x, x, heads);
  }

  @Override
  public String cachedAttention(Attended<String> x, Heads heads, int layer, @Nullable String bias) {
    String keys = stored(x.key(), 2 * layer);
    String values = stored(x.value(), 2 * layer + 1);
    String mask = bias == null ? "mask, 0., causal" : bias + ", 0., False";
    return attended(heads(x.query(), heads.count()), keys, values, heads, mask);
  }

  /** Rows are laid out by prompt, so that what an encoder read is never copied for a row. */
  @Override
  public String memoryAttention(String query, Heads heads, int layer) {
    String keys = set("memory[%d]", 2 * layer);
    String values = set("memory[%d]", 2 * layer + 1);
    String rows = set("torch.index_select(%s, 0, memory_rows)", query); // (P·R,T,D)
    String byPrompt =
        set("torch.reshape(%s, [torch.size(%s, 0), -1, torch.size(%s, 2)])", rows, keys, rows);
    String mask = "memory_bias, 0., False";
    String seen = attended(heads(byPrompt, heads.count()), keys, values, heads, mask); // (P,R·T,D)
    String apart = set("torch.reshape(%s, torch.size(%s))", seen, rows); // (P·R,T,D)
    return set("torch.index_select(%s, 0, memory_places)", apart); // (B,T,D)
  }

  @Override
  public String relativeBias(String buckets, WeightTensor table) {
    String rows = set("torch.embedding(%s, torch.clamp_min(%s, 0))", weight(table), buckets);
    String bias = set("torch.permute(%s, [0, 3, 1, 2])", rows); // (B,H,T,S)
    String hidden = set("torch.unsqueeze(torch.lt(%s, 0), 1)", buckets);
    return set("torch.masked_fill(%s, %s, %s)", bias, hidden, HIDDEN);
  }

  @Override
  public String distanceBias(String distances, float[] slopes) {
    String byHead = set("torch.reshape(%s, [-1, 1, 1])", numbers(slopes, distances)); // (H,1,1)
    String far = set("torch.mul(torch.unsqueeze(torch.neg(%s), 1), %s)", distances, byHead);
    String hidden = set("torch.unsqueeze(torch.lt(%s, 0), 1)", distances);
    return set("torch.masked_fill(%s, %s, %s)", far, hidden, HIDDEN); // (B,H,T,S)
  }

  /** A list where another value is. */
  private String numbers(float[] values, String like) {
    StringJoiner list = new StringJoiner(", ", "[", "]");
    for (float value : values) {
      list.add(Double.toString(value));
    }
    return set(
        "torch.tensor(%s, dtype=%d, device=ops.prim.device(%s))",
        list, TorchType.FLOAT32.number(), like);
  }

  @Override
  public String paddingBias(String mask) {
    String hidden = set("torch.unsqueeze(torch.unsqueeze(torch.lt(%s, 1), 1), 1)", mask);
    return set(
        "torch.mul(torch.to(%s, %d), %s)", hidden, TorchType.FLOAT32.number(), HIDDEN); // (B,1,1,S)
  }

  @Override
  public String rmsNorm(String x, WeightTensor weight, double eps) {
    return set("torch.rms_norm(%s, [%d], %s, %s)", x, weight.size(0), norm(weight), eps);
  }

  @Override
  public String normalize(String x) {
    String length = set("torch.linalg_vector_norm(%s, 2, [-1], True)", x);
    return set("torch.div(%s, torch.clamp_min(%s, 9.9999999999999998e-13))", x, length);
  }

  @Override
  public String geluTanh(String x) {
    return set("torch.gelu(%s, approximate=\"tanh\")", x);
  }

  @Override
  public String multiply(String a, String b) {
    return set("torch.mul(%s, %s)", a, b);
  }

  @Override
  public String scale(String x, double factor) {
    return set("torch.mul(%s, %s)", x, factor);
  }

  @Override
  public String first(String x, int count) {
    return set("torch.slice(%s, 1, 0, %d)", x, count);
  }

  @Override
  public String rest(String x, int count) {
    return set("torch.slice(%s, 1, %d)", x, count);
  }

  @Override
  public String behind(String x, String front) {
    return set("torch.slice(%s, 1, torch.size(%s, 1))", x, front);
  }

  @Override
  public String meanPosition(String x) {
    return set("torch.mean(%s, [1], True)", x);
  }

  @Override
  public String fold(String x) {
    return set("torch.unsqueeze(torch.flatten(%s, 0, 1), 0)", x);
  }

  @Override
  public String unfold(String x, String like) {
    return set("torch.reshape(%s, [torch.size(%s, 0), torch.size(%s, 1), -1])", x, like, like);
  }

  /** Writes new rows (B,T,D) into a cache (B,C,D) in place; gives its filled part (B,total,D). */
  private String stored(String x, int cache) {
    String whole = set("cache[%d]", cache);
    String rows = set("torch.flatten(%s, 0, 1)", whole);
    set("torch.index_copy_(%s, 0, slots, torch.flatten(%s, 0, 1))", rows, x);
    return set("torch.slice(%s, 1, 0, total)", whole);
  }

  @Override
  public String lastPosition(String x) {
    String rows = set("torch.index_select(torch.flatten(%s, 0, 1), 0, last)", x);
    return set("torch.unsqueeze(%s, 1)", rows);
  }

  @Override
  public String noVectors(String like, int width) {
    return set(
        "torch.zeros([torch.size(%s, 0), 0, %d], dtype=%d, device=ops.prim.device(%s))",
        like, width, TorchType.FLOAT32.number(), like);
  }

  @Override
  public String newestPosition() {
    throw new IllegalStateException("this backend has no loop");
  }

  @Override
  public String keyDistances() {
    throw new IllegalStateException("this backend has no loop");
  }

  @Override
  public String lookup(String list, String indices) {
    return set("torch.take(%s, %s)", list, indices);
  }
}
