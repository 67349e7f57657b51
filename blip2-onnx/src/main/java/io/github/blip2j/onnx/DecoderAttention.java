package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxGraph.BOOL;
import static io.github.blip2j.onnx.OnnxGraph.FLOAT;
import static io.github.blip2j.onnx.OnnxGraph.INT64;
import static io.github.blip2j.onnx.OnnxGraph.attributes;
import static io.github.blip2j.onnx.OnnxOps.ABSENT;
import static io.github.blip2j.onnx.OnnxOps.HIDDEN;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's attention: to its own cache, and to what an encoder read. To the cache it is ONNX
 * Runtime's GroupQueryAttention, which writes in place; where a card has no such kernel, in float32
 * and with a position bias, it is made of plain operators, so that the cache stays on the card.
 */
final class DecoderAttention {
  private final OnnxOps ops;
  private final OnnxGraph graph;
  private final WeightPlaces places;
  private final StepNames step;

  DecoderAttention(OnnxOps ops, OnnxGraph graph, WeightPlaces places, StepNames step) {
    this.ops = ops;
    this.graph = graph;
    this.places = places;
    this.step = step;
  }

  /** {@link io.github.blip2j.internal.nn.Ops#cachedAttention}. */
  OnnxValue cached(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      int layer,
      @Nullable OnnxValue bias) {
    String seen;
    if (places.card() && !places.halves()) {
      seen = plain(query, key, value, heads, scale, layer, bias);
    } else {
      seen = fused(query, key, value, heads, scale, layer, bias);
    }
    return query.cubic(narrowed(seen, query, heads), query.length(), query.width());
  }

  private String fused(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      int layer,
      @Nullable OnnxValue bias) {
    List<String> inputs = new ArrayList<>();
    Stream.of(query, key, value).forEach(x -> inputs.add(cached(widened(x, heads))));
    inputs.add(step.past("key", layer));
    inputs.add(step.past("value", layer));
    inputs.add(step.lastKey());
    inputs.add(step.total());
    if (bias != null) {
      inputs.addAll(List.of(ABSENT, ABSENT, ABSENT, cached(bias.name())));
    }
    String out = graph.fresh();
    graph.node(
        "com.microsoft",
        "GroupQueryAttention",
        inputs,
        List.of(out, step.present("key", layer), step.present("value", layer)),
        attributes("num_heads", heads, "kv_num_heads", heads, "scale", scale));
    return places.halves() ? ops.cast(out, FLOAT) : out;
  }

  /** A value in the type of the cache. */
  private String cached(String value) {
    return places.halves() ? ops.cast(value, OnnxGraph.FLOAT16) : value;
  }

  /** The same over the whole capacity C of the cache, with what is not there hidden. */
  private String plain(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      int layer,
      @Nullable OnnxValue bias) {
    String keys = stored("key", layer, key, heads); // (B,H,C,d)
    String values = stored("value", layer, value, heads);
    String turned = transposed(keys, 0, 1, 3, 2); // (B,H,d,C)
    String scores = node("MatMul", apart(query, heads), turned); // (B,H,T,C)
    scores = node("Add", node("Mul", scores, graph.real((float) scale)), mask(layer, bias));
    String weights = graph.node("Softmax", List.of(scores), attributes("axis", -1));
    String seen = transposed(node("MatMul", weights, values), 0, 2, 1, 3); // (B,T,H,d)
    return node("Reshape", seen, graph.integers(0, 0, -1));
  }

  /** The cache with a step's keys or values in their places. */
  private String stored(String what, int layer, OnnxValue x, int heads) {
    String past = step.past(what, layer);
    String spots = ops.once("spots", () -> spots(layer)); // (B,T,C)
    String chosen =
        ops.once(
            "chosen",
            () -> {
              String turned = transposed(spots, 0, 2, 1); // (B,C,T)
              return node("Unsqueeze", turned, graph.integers(1)); // (B,1,C,T)
            });
    String written =
        ops.once(
            "written",
            () -> {
              Map<String, Object> kept = attributes("keepdims", 1);
              String any = graph.node("ReduceMax", List.of(chosen, graph.integers(3)), kept);
              return ops.cast(any, BOOL); // (B,1,C,1)
            });
    String placed = node("MatMul", chosen, apart(x, heads)); // (B,H,C,d): sums of one number
    String present = step.present(what, layer);
    graph.node("", "Where", List.of(written, placed, past), List.of(present), Map.of());
    return present;
  }

  /** 1 where a new vector's place in the cache is, (B,T,C). */
  private String spots(int layer) {
    String place = node("Unsqueeze", newPlaces(), graph.integers(2)); // (B,T,1)
    return ops.cast(node("Equal", place, cachePlaces(layer)), FLOAT);
  }

  /** What the step's queries do not see of the cache, (B,1 or H,T,C). */
  private String mask(int layer, @Nullable OnnxValue bias) {
    if (bias == null) {
      return ops.once(
          "mask",
          () -> {
            String place = node("Unsqueeze", newPlaces(), graph.integers(2)); // (B,T,1)
            String seen = node("LessOrEqual", cachePlaces(layer), place); // (B,T,C)
            String mask = node("Where", seen, graph.real(0), graph.real(HIDDEN));
            return node("Unsqueeze", mask, graph.integers(1));
          });
    }
    return ops.once(
        "bias over the capacity of " + bias.name(),
        () -> {
          String behind = node("Sub", ops.axis(step.past("key", layer), 2), total());
          List<String> ends =
              List.of(graph.integers(0, 0, 0, 0, 0, 0, 0), behind); // only the last axis' end
          String pads = graph.node("Concat", ends, attributes("axis", 0));
          return node("Pad", bias.name(), pads, graph.real(HIDDEN));
        });
  }

  /**
   * Places of the step's vectors, (B,T): up to each row's last key, or from 0 where rows of several
   * lengths begin.
   */
  private String newPlaces() {
    return ops.once(
        "places",
        () -> {
          String count = ops.axis(step.ids(), 1);
          if (step.features() != null) {
            count = node("Add", count, ops.axis(step.features(), 1));
          }
          String ends = node("Add", ops.cast(step.lastKey(), INT64), graph.integers(1)); // (B)
          String starts = node("Max", node("Sub", ends, count), graph.integers(0));
          return node("Add", node("Unsqueeze", starts, graph.integers(1)), ops.upTo(count));
        });
  }

  /** Places of the cache, (C). */
  private String cachePlaces(int layer) {
    return ops.once("cache places", () -> ops.upTo(ops.axis(step.past("key", layer), 2)));
  }

  /** The longest row's keys, as a list of one integer. */
  private String total() {
    return node("Reshape", ops.cast(step.total(), INT64), graph.integers(1));
  }

  /** (B,T,H·d) as (B,H,T,d), as wide as the cache. */
  private String apart(OnnxValue x, int heads) {
    String rows = node("Reshape", widened(x, heads), graph.integers(0, 0, heads, -1));
    return transposed(rows, 0, 2, 1, 3);
  }

  private String transposed(String value, int... order) {
    return graph.node("Transpose", List.of(value), attributes("perm", order));
  }

  private String node(String op, String... inputs) {
    return graph.node(op, List.of(inputs), Map.of());
  }

  /** (B,T,H·d) with zeros behind each head up to the cache's width. */
  private String widened(OnnxValue x, int heads) {
    int width = x.width() / heads;
    int wide = LanguageGraph.cachedWidth(width);
    if (wide == width) {
      return ops.cube(x);
    }
    String apart = node("Reshape", ops.cube(x), graph.integers(0, 0, heads, width));
    String padded = node("Pad", apart, graph.integers(0, 0, 0, 0, 0, 0, 0, wide - width));
    return node("Reshape", padded, graph.integers(0, 0, heads * wide));
  }

  /** Undoes {@link #widened}. */
  private String narrowed(String name, OnnxValue like, int heads) {
    int width = like.width() / heads;
    int wide = LanguageGraph.cachedWidth(width);
    if (wide == width) {
      return name;
    }
    String apart = node("Reshape", name, graph.integers(0, 0, heads, wide));
    String cut = node("Slice", apart, graph.integers(0), graph.integers(width), graph.integers(3));
    return node("Reshape", cut, graph.integers(0, 0, like.width()));
  }

  /**
   * {@link io.github.blip2j.internal.nn.Ops#memoryAttention}. Rows are laid out by prompt, so that
   * what an encoder read is never copied for a row.
   */
  OnnxValue memory(OnnxValue query, int heads, double scale, int layer) {
    String key = Seq2SeqGraphs.memory("key", layer);
    String value = Seq2SeqGraphs.memory("value", layer);
    List<String> byPrompt = List.of(ops.cube(query), Seq2SeqGraphs.MEMORY_ROWS);
    String rows = graph.node("Gather", byPrompt, attributes("axis", 0)); // (P·R,T,D)
    String width = graph.integers(query.width());
    String wide = joined("memory in", ops.batch(step.memoryBias()), graph.integers(-1), width);
    String queries = node("Reshape", rows, wide); // (P,R·T,D)
    OnnxValue bias = new OnnxValue(step.memoryBias(), true, query.batch(), OnnxValue.ANY, 1);
    List<String> inputs = new ArrayList<>(List.of(queries, key, value));
    String seen = ops.multiHead(inputs, bias, heads, scale); // (P,R·T,D)
    String narrow = joined("memory out", graph.integers(-1), ops.axis(step.ids(), 1), width);
    String apart = node("Reshape", seen, narrow); // (P·R,T,D)
    List<String> byRow = List.of(apart, Seq2SeqGraphs.MEMORY_PLACES);
    return query.cubic(
        graph.node("Gather", byRow, attributes("axis", 0)), query.length(), query.width());
  }

  /** A shape put together from lists of integers, made once. */
  private String joined(String what, String... lists) {
    return ops.once(
        what + " " + lists[lists.length - 1],
        () -> graph.node("Concat", List.of(lists), attributes("axis", 0)));
  }
}
