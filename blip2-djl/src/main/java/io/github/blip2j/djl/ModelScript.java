package io.github.blip2j.djl;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Stage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TorchScript class of a checkpoint: one method a stage, and those that load weights and keep
 * caches. The module's only state is its weights, set while loading; caches are arguments.
 */
final class ModelScript {
  static final String CLASS = "Blip2";
  static final List<String> LISTS = List.of("files", "weights");
  static final List<String> OBJECTS = List.of("packed");

  private static final String PACKED_LIST =
      "List[__torch__.torch.classes.quantized.LinearPackedParamsBase]";

  /**
   * Loading: {@code map} maps a file, for weights that stay in it; {@code seen} is a tensor in
   * bytes, whatever its type, made float32; {@code take_plain} appends one of a mapped file to the
   * list of weights, the others append what their kernel makes of bytes that they are given: a
   * mapping that weights are only read from would count as memory until it is dropped. Dtypes are
   * PyTorch's numbers; 6 is float32, 12 signed eight bits.
   */
  private static final String LOADING =
      String.format(
          Locale.ROOT,
          """
      class Blip2(Module):
        __parameters__ = []
        __buffers__ = []
        files : List[Tensor]
        weights : List[Tensor]
        packed : Optional[%1$s]
        def map(self: __torch__.Blip2, path: str, bytes: int) -> None:
          _0 = torch.append(self.files, torch.from_file(path, False, bytes, dtype=0))
          if torch.__is__(self.packed, None):
            self.packed = annotate(%1$s, [])
          return None
        def seen(self: __torch__.Blip2, bytes: Tensor, dtype: int, item: int, offset: int, shape: List[int], device: str) -> Tensor:
          source = bytes
          start = torch.floordiv(offset, item)
          if torch.ne(torch.mul(start, item), offset):
            count = item
            for i in range(torch.len(shape)):
              count = torch.mul(count, shape[i])
            source = torch.clone(torch.slice(source, 0, offset, torch.add(offset, count)))
            start = 0
          strides = annotate(List[int], [])
          step = 1
          for i in range(torch.len(shape)):
            _1 = torch.insert(strides, 0, step)
            step = torch.mul(step, shape[torch.sub(torch.sub(torch.len(shape), 1), i)])
          tensor = torch.set_(torch.empty([0], dtype=dtype), source, start, shape, strides)
          return torch.to(torch.to(tensor, 6), torch.device(device))
        def take_plain(self: __torch__.Blip2, file: int, dtype: int, item: int, offset: int, shape: List[int], device: str) -> None:
          _2 = torch.append(self.weights, (self).seen(self.files[file], dtype, item, offset, shape, device))
          return None
        def eight(self: __torch__.Blip2, weight: Tensor) -> Tensor:
          largest = torch.amax(torch.abs(weight), [1])
          scales = torch.div(torch.clamp_min(largest, 9.9999999999999995e-21), 127.)
          zeros = torch.zeros([torch.size(weight, 0)], dtype=4)
          return torch.quantize_per_channel(weight, scales, zeros, 0, 12)
        def many(self: __torch__.Blip2, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          columns = torch.mm(weight, torch.t(torch.flatten(x, 0, -2)))
          y = torch.reshape(torch.t(columns), torch.add(torch.slice(torch.size(x), 0, -1), [torch.size(weight, 0)]))
          if torch.__isnot__(bias, None):
            y = torch.add(y, unchecked_cast(Tensor, bias))
          return y
        def narrow(self: __torch__.Blip2, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
          y = torch.to(torch.linear(torch.to(x, ops.prim.dtype(weight)), weight, None), 6)
          if torch.__isnot__(bias, None):
            y = torch.add(y, unchecked_cast(Tensor, bias))
          return y
        def done(self: __torch__.Blip2) -> None:
          _3 = torch.clear(self.files)
          return None
      """,
          PACKED_LIST);

  /** A method that appends a prepared weight, one for each kernel that prepares. */
  private static String taking(LinearKernel kernel) {
    return String.format(
        Locale.ROOT,
        """
        def take_%s(self: __torch__.Blip2, bytes: Tensor, dtype: int, item: int, shape: List[int], device: str) -> None:
          weight = (self).seen(bytes, dtype, item, 0, shape, device)
          _2 = torch.append(self.weights, %s)
          return None
      """,
        suffix(kernel),
        kernel.preparation());
  }

  /** A method that appends a packed object, one for each kernel that packs. */
  private static String packing(LinearKernel kernel) {
    return String.format(
        Locale.ROOT,
        """
        def take_%s(self: __torch__.Blip2, bytes: Tensor, dtype: int, item: int, shape: List[int], device: str, at: int) -> None:
          weight = (self).seen(bytes, dtype, item, 0, shape, device)
          bias = annotate(Optional[Tensor], None)
          if torch.ge(at, 0):
            bias = self.weights[at]
          objects = unchecked_cast(%s, self.packed)
          _2 = torch.append(objects, %s)
          return None
      """,
        suffix(kernel),
        PACKED_LIST,
        kernel.preparation());
  }

  /** The end of the names of methods that take a weight for a kernel. */
  static String suffix(LinearKernel kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  private static void loading(StringBuilder text, Set<LinearKernel> kernels) {
    text.append(LOADING);
    for (LinearKernel kernel : kernels) {
      switch (kernel.keeping()) {
        case TENSOR -> text.append(taking(kernel));
        case PACKED_OBJECT -> text.append(packing(kernel));
        default -> {}
      }
    }
  }

  /** Caches: one allocation, keys and values of the layers in turn, each (B,C,d). */
  private static final String CACHES =
      """
        def allocate(self: __torch__.Blip2, layers: int, rows: int, capacity: int, width: int, device: str) -> List[Tensor]:
          whole = torch.zeros([torch.mul(layers, 2), rows, capacity, width], dtype=6, device=torch.device(device))
          return torch.unbind(whole)
        def copy(self: __torch__.Blip2, source: int, target: int, start: int, end: int, cache: List[Tensor]) -> None:
          for i in range(torch.len(cache)):
            there = torch.slice(torch.select(cache[i], 0, target), 0, start, end)
            _4 = torch.copy_(there, torch.slice(torch.select(cache[i], 0, source), 0, start, end))
          return None
        def fork(self: __torch__.Blip2, rows: List[int], capacity: int, used: int, cache: List[Tensor]) -> List[Tensor]:
          one = cache[0]
          whole = torch.zeros([torch.len(cache), torch.len(rows), capacity, torch.size(one, 2)], dtype=6, device=ops.prim.device(one))
          for i in range(torch.len(cache)):
            for j in range(torch.len(rows)):
              there = torch.slice(torch.select(torch.select(whole, 0, i), 0, j), 0, 0, used)
              _7 = torch.copy_(there, torch.slice(torch.select(cache[i], 0, rows[j]), 0, 0, used))
          return torch.unbind(whole)
        def first(self: __torch__.Blip2, rows: int, cache: List[Tensor]) -> List[Tensor]:
          some = annotate(List[Tensor], [])
          for i in range(torch.len(cache)):
            _5 = torch.append(some, torch.slice(cache[i], 0, 0, rows))
          return some
        def enlarge(self: __torch__.Blip2, rows: int, cache: List[Tensor]) -> List[Tensor]:
          one = cache[0]
          whole = torch.zeros([torch.len(cache), rows, torch.size(one, 1), torch.size(one, 2)], dtype=6, device=ops.prim.device(one))
          for i in range(torch.len(cache)):
            _6 = torch.copy_(torch.slice(torch.select(whole, 0, i), 0, 0, torch.size(one, 0)), cache[i])
          return torch.unbind(whole)
      """;

  /**
   * How a decoder's step begins, whose last arguments are where each new vector goes in the cache,
   * its position, what logits are wanted after, the longest row, what of the cache is seen, and the
   * cache; {@code few} is whether it is bound by memory.
   */
  private static final String STEP =
      """
          w = self.weights
          few = torch.le(torch.numel(slots), %d)
          mask = annotate(Optional[Tensor], None)
          if masked:
            at = torch.arange(total, dtype=4, device=ops.prim.device(positions))
            mask = torch.unsqueeze(torch.le(at, torch.unsqueeze(positions, -1)), 1)
      """;

  private static final String SESSION =
      "slots: Tensor, positions: Tensor, last: Tensor, total: int, causal: bool, masked: bool, ";
  private static final String MEMORY =
      "memory_rows: Tensor, memory_places: Tensor, memory_bias: Tensor, memory: List[Tensor], ";
  private static final String CACHE = "cache: List[Tensor]";
  private static final String WEIGHTS = "    w = self.weights\n";

  private ModelScript() {}

  static byte[] compile(Lowering lowering, WeightSlots slots, ModelProgram program) {
    StringBuilder text = new StringBuilder();
    Set<LinearKernel> kernels = new LinkedHashSet<>();
    kernels.addAll(List.of(lowering.vision(), lowering.qformer(), lowering.language()));
    if (kernels.contains(LinearKernel.HALF)) {
      kernels.add(LinearKernel.PLAIN); // of layers that stay float32
    }
    loading(text, kernels);
    text.append(CACHES);
    method(text, new TorchOps(lowering.vision(), slots), program.vision());
    method(text, new TorchOps(lowering.qformer(), slots), program.qformer());
    if (program.head() instanceof LanguageProgram language) {
      step(text, new TorchOps(lowering.language(), slots), language.decoder());
      language.encoder().ifPresent(e -> encode(text, new TorchOps(lowering.language(), slots), e));
    } else {
      ModelProgram.Matching matching = program.matching();
      method(text, new TorchOps(lowering.qformer(), slots), matching.text());
      method(text, new TorchOps(lowering.qformer(), slots), matching.pairs());
    }
    return ScriptArchive.of(CLASS, text.toString(), LISTS, OBJECTS);
  }

  private static void step(StringBuilder text, TorchOps ops, Stage stage) {
    String memory = stage.memory().exists() ? MEMORY : "";
    String inputs = arguments(stage) + SESSION + memory + CACHE;
    String head =
        head("step", inputs, "Tensor") + String.format(Locale.ROOT, STEP, LinearKernel.FEW);
    body(text, head, ops, outputs(ops, stage).get(0));
  }

  private static void encode(StringBuilder text, TorchOps ops, Stage stage) {
    String head = head("encode", arguments(stage) + "few: bool", "List[Tensor]");
    body(text, head + WEIGHTS, ops, outputs(ops, stage).toString());
  }

  private static void method(StringBuilder text, TorchOps ops, Stage stage) {
    String inputs = arguments(stage);
    String head = head(stage.name(), inputs.substring(0, inputs.length() - 2), "List[Tensor]");
    body(text, head + WEIGHTS, ops, outputs(ops, stage).toString());
  }

  /** Inputs as arguments, each with a comma behind it. */
  private static String arguments(Stage stage) {
    return stage.inputs().stream().map(i -> i.name() + ": Tensor, ").collect(Collectors.joining());
  }

  private static List<String> outputs(TorchOps ops, Stage stage) {
    return stage.apply(
        ops,
        stage.inputs().stream().collect(Collectors.toMap(Stage.Input::name, Stage.Input::name)));
  }

  private static String head(String name, String inputs, String type) {
    return String.format(
        Locale.ROOT, "  def %s(self: __torch__.Blip2, %s) -> %s:\n", name, inputs, type);
  }

  private static void body(StringBuilder text, String head, TorchOps ops, String result) {
    text.append(head);
    if (ops.body().contains("packed[")) {
      text.append(
          String.format(
              Locale.ROOT, "    packed = unchecked_cast(%s, self.packed)\n", PACKED_LIST));
    }
    text.append(ops.body()).append("    return ").append(result).append('\n');
  }

  /** A module of nothing but loading and one product, to try a kernel with a known answer. */
  static byte[] probe(LinearKernel kernel) {
    StringBuilder text = new StringBuilder();
    loading(text, Set.of(kernel));
    boolean packs = kernel.keeping() == LinearKernel.Keeping.PACKED_OBJECT;
    text.append("  def prepare(self: __torch__.Blip2, weight: Tensor) -> None:\n");
    text.append("    bias = annotate(Optional[Tensor], None)\n");
    if (packs) {
      text.append(
          String.format(
              Locale.ROOT,
              "    self.packed = annotate(%s, [%s])\n",
              PACKED_LIST,
              kernel.preparation()));
    } else {
      text.append(
          String.format(
              Locale.ROOT, "    _0 = torch.append(self.weights, %s)\n", kernel.preparation()));
    }
    text.append("    return None\n");
    String weight =
        packs ? "unchecked_cast(" + PACKED_LIST + ", self.packed)[0]" : "self.weights[0]";
    text.append("  def product(self: __torch__.Blip2, x: Tensor) -> Tensor:\n");
    text.append("    few = torch.le(torch.size(x, 0), 1)\n");
    text.append("    kept = ").append(weight).append('\n');
    text.append(String.format(Locale.ROOT, "    return %s\n", kernel.product("x", "kept", "None")));
    return ScriptArchive.of(CLASS, text.toString(), LISTS, OBJECTS);
  }
}
