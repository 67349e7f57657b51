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

  /** What {@link io.github.blip2j.internal.nn.Ops#cachedAttention} is asked. */
  record Call(
      OnnxValue query,
      OnnxValue key,
      OnnxValue value,
      int heads,
      double scale,
      int layer,
      @Nullable OnnxValue bias) {}

  /** {@link io.github.blip2j.internal.nn.Ops#cachedAttention}. */
  OnnxValue cached(Call call) {
    OnnxValue query = call.query();
    String seen = places.card() && !places.halves() ? plain(call) : fused(call);
    return query.cubic(narrowed(seen, query, call.heads()), query.length(), query.width());
  }

  private String fused(Call call) {
    int heads = call.heads();
    int layer = call.layer();
    List<String> inputs = new ArrayList<>();
    Stream.of(call.query(), call.key(), call.value())
        .forEach(x -> inputs.add(cached(widened(x, heads))));
    inputs.add(step.past("key", layer));
    inputs.add(step.past("value", layer));
    inputs.add(step.lastKey());
    inputs.add(step.total());
    if (call.bias() != null) {
      inputs.addAll(List.of(ABSENT, ABSENT, ABSENT, cached(call.bias().name())));
    }
    String out = graph.fresh();
    graph.node(
        "com.microsoft",
        "GroupQueryAttention",
        inputs,
        List.of(out, step.present("key", layer), step.present("value", layer)),
        attributes("num_heads", heads, "kv_num_heads", heads, "scale", call.scale()));
    return places.halves() ? ops.cast(out, FLOAT) : out;
  }

  /** A value in the type of the cache. */
  private String cached(String value) {
    return places.halves() ? ops.cast(value, OnnxGraph.FLOAT16) : value;
  }

  /** The same over the whole capacity C of the cache, with what is not there hidden. */
  private String plain(Call call) {
    String keys = stored("key", call.key(), call); // (B,H,C,d)
    String values = stored("value", call.value(), call);
    String turned = graph.transpose(keys, 0, 1, 3, 2); // (B,H,d,C)
    String scores = graph.node("MatMul", apart(call.query(), call.heads()), turned); // (B,H,T,C)
    scores = graph.node("Mul", scores, graph.real((float) call.scale()));
    scores = graph.node("Add", scores, mask(call));
    String weights = graph.node("Softmax", List.of(scores), attributes("axis", -1));
    String seen = graph.node("MatMul", weights, values); // (B,H,T,d)
    return graph.node("Reshape", graph.transpose(seen, 0, 2, 1, 3), graph.integers(0, 0, -1));
  }

  /** The cache with a step's keys or values in their places. */
  private String stored(String what, OnnxValue x, Call call) {
    String chosen = ops.once("chosen", () -> chosen(call)); // (B,1,C,T)
    String written =
        ops.once(
            "written",
            () -> {
              Map<String, Object> kept = attributes("keepdims", 1);
              String any = graph.node("ReduceMax", List.of(chosen, graph.integers(3)), kept);
              return ops.cast(any, BOOL); // (B,1,C,1)
            });
    String placed = graph.node("MatMul", chosen, apart(x, call.heads())); // sums of one number
    String past = step.past(what, call.layer());
    String present = step.present(what, call.layer());
    graph.node("", "Where", List.of(written, placed, past), List.of(present), Map.of());
    return present;
  }

  /** 1 where a new vector's place in the cache is, (B,1,C,T). */
  private String chosen(Call call) {
    String spots = ops.cast(graph.node("Equal", newPlaces(call), cachePlaces(call)), FLOAT);
    return graph.node("Unsqueeze", graph.transpose(spots, 0, 2, 1), graph.integers(1));
  }

  /** What the step's queries do not see of the cache, (B,1 or H,T,C). */
  private String mask(Call call) {
    OnnxValue bias = call.bias();
    if (bias == null) {
      return ops.once(
          "mask",
          () -> {
            String seen = graph.node("LessOrEqual", cachePlaces(call), newPlaces(call)); // (B,T,C)
            String mask = graph.node("Where", seen, graph.real(0), graph.real(HIDDEN));
            return graph.node("Unsqueeze", mask, graph.integers(1));
          });
    }
    return ops.once(
        "bias over the capacity of " + bias.name(),
        () -> {
          String behind = graph.node("Sub", capacity(call), total());
          List<String> ends =
              List.of(graph.integers(0, 0, 0, 0, 0, 0, 0), behind); // only the last axis' end
          String pads = graph.node("Concat", ends, attributes("axis", 0));
          return graph.node("Pad", bias.name(), pads, graph.real(HIDDEN));
        });
  }

  /**
   * Places of the step's vectors, (B,T,1): up to each row's last key, or from 0 where rows of
   * several lengths begin. They are the same in every layer.
   */
  private String newPlaces(Call call) {
    return ops.once(
        "places",
        () -> {
          String count = ops.axis(ops.cube(call.query()), 1);
          String last = ops.cast(step.lastKey(), INT64); // (B)
          String ends = graph.node("Add", last, graph.integers(1));
          String starts = graph.node("Max", graph.node("Sub", ends, count), graph.integers(0));
          String column = graph.node("Unsqueeze", starts, graph.integers(1));
          String places = graph.node("Add", column, ops.upTo(count)); // (B,T)
          return graph.node("Unsqueeze", places, graph.integers(2));
        });
  }

  /** Places of the cache, (C). */
  private String cachePlaces(Call call) {
    return ops.once("cache places", () -> ops.upTo(capacity(call)));
  }

  /** C, as a list of one integer; the same in every layer. */
  private String capacity(Call call) {
    return ops.once("capacity", () -> ops.axis(step.past("key", call.layer()), 2));
  }

  /** The longest row's keys, as a list of one integer. */
  private String total() {
    return graph.node("Reshape", ops.cast(step.total(), INT64), graph.integers(1));
  }

  /** (B,T,H·d) as (B,H,T,d), as wide as the cache. */
  private String apart(OnnxValue x, int heads) {
    String rows = graph.node("Reshape", widened(x, heads), graph.integers(0, 0, heads, -1));
    return graph.transpose(rows, 0, 2, 1, 3);
  }

  /** (B,T,H·d) with zeros behind each head up to the cache's width. */
  private String widened(OnnxValue x, int heads) {
    int width = x.width() / heads;
    int wide = LanguageGraph.cachedWidth(width);
    if (wide == width) {
      return ops.cube(x);
    }
    String apart = graph.node("Reshape", ops.cube(x), graph.integers(0, 0, heads, width));
    String padded = graph.node("Pad", apart, graph.integers(0, 0, 0, 0, 0, 0, 0, wide - width));
    return graph.node("Reshape", padded, graph.integers(0, 0, heads * wide));
  }

  /** Undoes {@link #widened}. */
  private String narrowed(String name, OnnxValue like, int heads) {
    int width = like.width() / heads;
    int wide = LanguageGraph.cachedWidth(width);
    if (wide == width) {
      return name;
    }
    String apart = graph.node("Reshape", name, graph.integers(0, 0, heads, wide));
    String cut =
        graph.node("Slice", apart, graph.integers(0), graph.integers(width), graph.integers(3));
    return graph.node("Reshape", cut, graph.integers(0, 0, like.width()));
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
    String queries = graph.node("Reshape", rows, wide); // (P,R·T,D)
    OnnxValue bias = new OnnxValue(step.memoryBias(), true, query.batch(), OnnxValue.ANY, 1);
    List<String> inputs = new ArrayList<>(List.of(queries, key, value));
    String seen = ops.multiHead(inputs, bias, heads, scale); // (P,R·T,D)
    String narrow = joined("memory out", graph.integers(-1), ops.axis(step.ids(), 1), width);
    String apart = graph.node("Reshape", seen, narrow); // (P·R,T,D)
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
