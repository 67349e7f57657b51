package io.github.blip2j.files;

import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.files.Pickle.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What the names in a pickle of tensors stand for, and what comes of "calling" them: records of
 * ours. Every other name is refused.
 */
final class PickleCalls {
  private static final Map<String, Object> KNOWN =
      Map.ofEntries(
          Map.entry("torch._utils _rebuild_tensor_v2", Call.TENSOR),
          Map.entry("torch._utils _rebuild_parameter", Call.PARAMETER),
          Map.entry("collections OrderedDict", Call.DICT),
          Map.entry("torch FloatStorage", DType.F32),
          Map.entry("torch HalfStorage", DType.F16),
          Map.entry("torch BFloat16Storage", DType.BF16),
          Map.entry("torch DoubleStorage", DType.F64),
          Map.entry("torch LongStorage", DType.I64),
          Map.entry("torch IntStorage", DType.I32),
          Map.entry("torch ShortStorage", DType.I16),
          Map.entry("torch CharStorage", DType.I8),
          Map.entry("torch ByteStorage", DType.U8),
          Map.entry("torch BoolStorage", DType.BOOL));

  private final Function<Tuple, Storage> storages;
  private final Refusal refusal;

  private enum Call {
    TENSOR,
    PARAMETER,
    DICT
  }

  /** Makes an error of what was expected and found. */
  interface Refusal {
    CheckpointException of(String expected, String found);
  }

  PickleCalls(Function<Tuple, Storage> storages, Refusal refusal) {
    this.storages = storages;
    this.refusal = refusal;
  }

  /** What a name stands for. */
  Object global(String module, String name) {
    Object known = KNOWN.get(module + " " + name);
    if (known == null) {
      throw refusal.of("a name that tensors need", module + "." + name + ", which is not run");
    }
    return known;
  }

  /** The storage that a persistent id names. */
  Storage storage(Object id) {
    if (id instanceof Tuple tuple) {
      return storages.apply(tuple);
    }
    throw refusal.of("a storage's id", "none");
  }

  /** What a call gives. */
  Object reduce(Object called, Object given) {
    List<Object> arguments = given instanceof Tuple tuple ? tuple.items() : List.of(given, given);
    if (called == Call.DICT && arguments.isEmpty()) {
      return new LinkedHashMap<>();
    }
    if (called == Call.PARAMETER
        && arguments.size() == 3
        && arguments.get(0) instanceof TensorView view) {
      return view;
    }
    if (called == Call.TENSOR
        && (arguments.size() == 6 || arguments.size() == 7)
        && arguments.get(0) instanceof Storage storage
        && arguments.get(1) instanceof Long offset) {
      return storage.view(offset, longs(arguments.get(2)), longs(arguments.get(3)));
    }
    throw refusal.of("arguments of a tensor, a parameter or an empty OrderedDict", "others");
  }

  private List<Long> longs(Object value) {
    List<Long> numbers = new ArrayList<>();
    if (value instanceof Tuple tuple) {
      for (Object item : tuple.items()) {
        if (item instanceof Long number) {
          numbers.add(number);
        }
      }
      if (numbers.size() == tuple.items().size()) {
        return numbers;
      }
    }
    throw refusal.of("a tuple of integers", "something else");
  }
}
