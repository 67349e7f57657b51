package io.github.blip2j.djl;

import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.session.RowStore;
import io.github.blip2j.stage.CacheLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values of all layers: one list of tensors (rows, capacity, d) that a step writes in
 * place. Owned by one session.
 */
final class TensorCache implements RowStore {
  private static final String STAGE = DjlLanguage.STAGE;

  private final ScriptModule module;
  private IValue whole;
  private IValue used; // the first rows of it: what a step is given
  private int allocated;
  private int rows;

  private TensorCache(ScriptModule module, IValue whole, int rows) {
    this.module = module;
    this.whole = whole;
    this.allocated = rows;
    this.rows = rows;
    try {
      this.used = first(rows);
    } catch (RuntimeException | Error e) {
      whole.close();
      throw e;
    }
  }

  static TensorCache allocate(DjlLanguage model, int rows, int capacity) {
    CacheLayout layout = model.decoder().cache();
    IValue whole =
        model
            .module()
            .run(
                STAGE,
                "allocate",
                IValue.from((long) layout.layers()),
                IValue.from((long) rows),
                IValue.from((long) capacity),
                IValue.from((long) layout.heads() * layout.width()),
                IValue.from(model.device()));
    return new TensorCache(model.module(), whole, rows);
  }

  /** A cache of its own whose row i has the first positions of row {@code sources[i]}. */
  TensorCache copy(int[] sources, Lengths lengths) {
    IValue copied =
        module.runKeeping(
            STAGE,
            "fork",
            List.of(whole),
            IValue.listFrom(Arrays.stream(sources).asLongStream().toArray()),
            IValue.from((long) lengths.capacity()),
            IValue.from((long) lengths.longest()));
    return new TensorCache(module, copied, sources.length);
  }

  /** Copies the first positions of a row to one of another cache. */
  void copyTo(TensorCache target, int row, int to, int positions) {
    module
        .runKeeping(
            STAGE,
            "adopt",
            List.of(whole, target.whole),
            IValue.from((long) row),
            IValue.from((long) to),
            IValue.from((long) positions))
        .close();
  }

  /** The rows as a step's argument; stays this cache's. */
  IValue used() {
    return used;
  }

  private IValue enlarged(int wanted, IValue list) {
    return module.runKeeping(STAGE, "enlarge", List.of(list), IValue.from((long) wanted));
  }

  private IValue first(int count) {
    return module.runKeeping(STAGE, "first", List.of(whole), IValue.from((long) count));
  }

  @Override
  public void reserve(int wanted) {
    if (wanted > allocated) {
      IValue larger = enlarged(wanted, whole);
      whole.close();
      whole = larger;
      allocated = wanted;
      IValue view = first(rows);
      used.close();
      used = view;
    }
  }

  @Override
  public void copy(int from, int to, int start, int end) {
    module
        .runKeeping(
            STAGE,
            "copy",
            List.of(whole),
            IValue.from((long) from),
            IValue.from((long) to),
            IValue.from((long) start),
            IValue.from((long) end))
        .close();
  }

  @Override
  public void rows(int count) {
    if (count != rows) {
      IValue view = first(count);
      used.close();
      used = view;
      rows = count;
    }
  }

  @Override
  public void close() {
    used.close();
    whole.close();
  }
}
