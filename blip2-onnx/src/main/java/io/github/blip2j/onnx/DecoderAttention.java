package io.github.blip2j.onnx;

import static io.github.blip2j.onnx.OnnxOps.HIDDEN;
import static io.github.blip2j.onnx.graph.ElementType.BOOL;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT16;
import static io.github.blip2j.onnx.graph.ElementType.FLOAT32;
import static io.github.blip2j.onnx.graph.ElementType.INT64;

import io.github.blip2j.onnx.graph.OnnxGraph;
import io.github.blip2j.onnx.graph.Tensor;
import io.github.blip2j.stage.Heads;
import io.github.blip2j.stage.Ops;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's attention: to its own cache, and to what an encoder read. To the cache it is ONNX
 * Runtime's GroupQueryAttention, which writes in place; where a GPU has no such kernel, in float32
 * and with a position bias, it is made of plain operators, so that the cache stays on the GPU.
 */
final class DecoderAttention {
  private final OnnxOps ops;
  private final OnnxGraph graph;
  private final CachePlan cache;
  private final StepNames step;

  DecoderAttention(OnnxOps ops, OnnxGraph graph, CachePlan cache, StepNames step) {
    this.ops = ops;
    this.graph = graph;
    this.cache = cache;
    this.step = step;
  }

  /** What {@link Ops#cachedAttention} is asked. */
  record Call(Ops.Attended<OnnxValue> x, Heads heads, int layer, @Nullable OnnxValue bias) {
    OnnxValue query() {
      return x.query();
    }
  }

  /** {@link Ops#cachedAttention}. */
  OnnxValue cached(Call call) {
    OnnxValue query = call.query();
    Tensor seen = cache.fused() ? fused(call) : plain(call);
    return query.with(narrowed(seen, query, call.heads().count()));
  }

  private Tensor fused(Call call) {
    Heads heads = call.heads();
    int layer = call.layer();
    Tensor query = cached(widened(call.query(), heads.count()));
    Tensor key = cached(widened(call.x().key(), heads.keyValues()));
    Tensor value = cached(widened(call.x().value(), heads.keyValues()));
    Tensor.CacheStep given =
        new Tensor.CacheStep(
            new Tensor.KeysValues(key, value),
            new Tensor.KeysValues(past("key", layer), past("value", layer)),
            graph.value(step.lastKey()),
            graph.value(step.total()),
            heads.count(),
            heads.scale(),
            call.bias() == null ? null : cached(call.bias().tensor()));
    Tensor.Cached attended = query.groupQueryAttention(given);
    attended.present().keys().named(step.present("key", layer));
    attended.present().values().named(step.present("value", layer));
    return cache.halves() ? ops.cast(attended.seen(), FLOAT32) : attended.seen();
  }

  private Tensor past(String what, int layer) {
    return graph.value(step.past(what, layer));
  }

  /** A value in the type of the cache. */
  private Tensor cached(Tensor value) {
    return cache.halves() ? ops.cast(value, FLOAT16) : value;
  }

  /**
   * The same over the whole capacity C of the cache, with what is not there hidden. Queries that
   * share a key/value head are more positions of it in the products.
   */
  private Tensor plain(Call call) {
    Heads heads = call.heads();
    Tensor keys = stored("key", call.x().key(), call); // (B,G,C,d)
    Tensor values = stored("value", call.x().value(), call);
    Tensor turned = keys.transpose(0, 1, 3, 2); // (B,G,d,C)
    Tensor queries = apart(call.query(), heads.count()); // (B,H,T,d)
    boolean shared = heads.keyValues() < heads.count();
    int width = StageGraph.cachedWidth(call.query().width() / heads.count());
    Tensor grouped = shared ? queries.reshape(0, heads.keyValues(), -1, width) : queries;
    Tensor products = grouped.matMul(turned); // (B,G,H/G·T,C)
    Tensor scores = shared ? products.reshape(like(queries, turned)) : products; // (B,H,T,C)
    Tensor scaled = scores.mul((float) heads.scale());
    Tensor weights = scaled.add(mask(call)).softmax(-1);
    Tensor regrouped = shared ? weights.reshape(like(grouped, turned)) : weights;
    Tensor seen = regrouped.matMul(values); // (B,G,H/G·T,d)
    Tensor apart = shared ? seen.reshape(queries.sizes()) : seen; // (B,H,T,d)
    return apart.transpose(0, 2, 1, 3).reshape(0, 0, -1);
  }

  /** The shape of one tensor, but for its last axis, and then of another's last. */
  private static Tensor like(Tensor rows, Tensor columns) {
    return rows.sizeOf(0).concat(0, rows.sizeOf(1), rows.sizeOf(2), columns.sizeOf(3));
  }

  /** The cache with a step's keys or values in their places. */
  private Tensor stored(String what, OnnxValue x, Call call) {
    Tensor chosen = ops.once(() -> chosen(call), "chosen"); // (B,1,C,T)
    Tensor written =
        ops.once(() -> ops.cast(chosen.reduceMax(3, true), BOOL), "written"); // (B,1,C,1)
    Tensor placed = chosen.matMul(apart(x, call.heads().keyValues())); // sums of one number
    Tensor present = written.where(placed, past(what, call.layer()));
    return present.named(step.present(what, call.layer()));
  }

  /** 1 where a new vector's place in the cache is, (B,1,C,T). */
  private Tensor chosen(Call call) {
    Tensor spots = ops.cast(newPlaces(call).equal(cachePlaces(call)), FLOAT32); // (B,T,C)
    return spots.transpose(0, 2, 1).unsqueeze(1);
  }

  /** What the step's queries do not see of the cache, (B,1 or H,T,C). */
  private Tensor mask(Call call) {
    OnnxValue bias = call.bias();
    return bias == null
        ? ops.once(() -> causal(call), "mask")
        : ops.once(() -> wide(bias.tensor(), call), "bias over the capacity", bias.tensor());
  }

  private Tensor causal(Call call) {
    Tensor seen = cachePlaces(call).lessOrEqual(newPlaces(call)); // (B,T,C)
    return seen.where(graph.real(0), graph.real(HIDDEN)).unsqueeze(1);
  }

  /** A bias over the keys so far, with the rest of the cache hidden. */
  private Tensor wide(Tensor bias, Call call) {
    Tensor behind = capacity(call).sub(total());
    Tensor others = graph.integers(0, 0, 0, 0, 0, 0, 0); // only the last axis' end
    return bias.pad(others.concat(0, behind), HIDDEN);
  }

  /**
   * Places of the step's vectors, (B,T,1): up to each row's last key, or from 0 where rows of
   * several lengths begin. They are the same in every layer.
   */
  private Tensor newPlaces(Call call) {
    return ops.once(
        () -> {
          Tensor count = ops.axis(ops.cube(call.query()), 1);
          Tensor ends = ops.cast(graph.value(step.lastKey()), INT64).add(1); // (B)
          Tensor starts = ends.sub(count).max(graph.integers(0));
          Tensor places = starts.unsqueeze(1).add(ops.upTo(count)); // (B,T)
          return places.unsqueeze(2);
        },
        "places");
  }

  /** Places of the cache, (C). */
  private Tensor cachePlaces(Call call) {
    return ops.once(() -> ops.upTo(capacity(call)), "cache places");
  }

  /** C, as a list of one integer; the same in every layer. */
  private Tensor capacity(Call call) {
    return ops.once(() -> ops.axis(past("key", call.layer()), 2), "capacity");
  }

  /** The longest row's keys, as a list of one integer. */
  private Tensor total() {
    return ops.cast(graph.value(step.total()), INT64).reshape(1);
  }

  /** (B,T,H·d) as (B,H,T,d), as wide as the cache. */
  private Tensor apart(OnnxValue x, int heads) {
    return widened(x, heads).reshape(0, 0, heads, -1).transpose(0, 2, 1, 3);
  }

  /** (B,T,H·d) with zeros behind each head up to the cache's width. */
  private Tensor widened(OnnxValue x, int heads) {
    int width = x.width() / heads;
    int wide = StageGraph.cachedWidth(width);
    if (wide == width) {
      return ops.cube(x);
    }
    Tensor apart = ops.cube(x).reshape(0, 0, heads, width);
    return apart.pad(0, 0, 0, 0, 0, 0, 0, wide - width).reshape(0, 0, (long) heads * wide);
  }

  /** Undoes {@link #widened}. */
  private static Tensor narrowed(Tensor seen, OnnxValue like, int heads) {
    int width = like.width() / heads;
    int wide = StageGraph.cachedWidth(width);
    if (wide == width) {
      return seen;
    }
    return seen.reshape(0, 0, heads, wide).slice(3, 0, width).reshape(0, 0, like.width());
  }

  /**
   * {@link Ops#memoryAttention}. Rows are laid out by prompt, so that what an encoder read is never
   * copied for a row.
   */
  OnnxValue memory(OnnxValue query, Heads heads, int layer) {
    Tensor key = graph.value(StageGraph.memory("key", layer));
    Tensor value = graph.value(StageGraph.memory("value", layer));
    Tensor bias = graph.value(step.memoryBias());
    Tensor rows = ops.cube(query).gather(graph.value(StageGraph.MEMORY_ROWS), 0); // (P·R,T,D)
    Tensor width = graph.integers(query.width());
    Tensor wide = joined("memory in", ops.batch(bias), graph.integers(-1), width);
    Tensor queries = rows.reshape(wide); // (P,R·T,D)
    Tensor.KeysValues read = new Tensor.KeysValues(key, value);
    Tensor seen = queries.multiHeadAttention(read, heads.count(), heads.scale(), bias); // (P,R·T,D)
    Tensor steps = ops.once(() -> ops.axis(ops.cube(query), 1), "memory steps");
    Tensor apart =
        seen.reshape(joined("memory out", graph.integers(-1), steps, width)); // (P·R,T,D)
    return query.with(apart.gather(graph.value(StageGraph.MEMORY_PLACES), 0));
  }

  /** A shape put together from three lists of integers, made once for each width. */
  private Tensor joined(String what, Tensor first, Tensor second, Tensor width) {
    return ops.once(() -> first.concat(0, second, width), what, width);
  }
}
