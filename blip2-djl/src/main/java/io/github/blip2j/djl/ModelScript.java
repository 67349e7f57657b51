package io.github.blip2j.djl;

import io.github.blip2j.internal.nn.RetrievalNetwork;
import io.github.blip2j.internal.nn.T5Decoder;
import io.github.blip2j.internal.nn.T5Encoder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

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

  /** A decoder's step; {@code few} is whether it is bound by memory. */
  private static final String STEP =
      """
        def step(self: __torch__.Blip2, features: Tensor, ids: Tensor, places: Tensor, slots: Tensor, last: Tensor, total: int, causal: bool, masked: bool, cache: List[Tensor]) -> Tensor:
          w = self.weights
          few = torch.le(torch.numel(places), %d)
          mask = annotate(Optional[Tensor], None)
          if masked:
            at = torch.arange(total, dtype=4, device=ops.prim.device(places))
            mask = torch.unsqueeze(torch.le(at, torch.unsqueeze(places, -1)), 1)
      """;

  /** The step of a decoder that looks at what an encoder read. */
  private static final String SEQ2SEQ_STEP =
      """
        def step(self: __torch__.Blip2, ids: Tensor, buckets: Tensor, slots: Tensor, last: Tensor, total: int, memory_rows: Tensor, memory_places: Tensor, memory_bias: Tensor, memory: List[Tensor], cache: List[Tensor]) -> Tensor:
          w = self.weights
          few = torch.le(torch.numel(ids), %d)
      """;

  private static final String ENCODE =
      """
        def encode(self: __torch__.Blip2, features: Tensor, ids: Tensor, buckets: Tensor) -> List[Tensor]:
          w = self.weights
          few = torch.le(torch.mul(torch.size(buckets, 0), torch.size(buckets, 1)), %d)
      """;

  private ModelScript() {}

  static byte[] compile(Lowering lowering, WeightSlots slots, ModelTexts texts) {
    StringBuilder text = new StringBuilder();
    Set<LinearKernel> kernels = new LinkedHashSet<>();
    kernels.addAll(List.of(lowering.vision(), lowering.qformer(), lowering.language()));
    loading(text, kernels);
    text.append(CACHES);
    TorchOps seer = new TorchOps(lowering.vision(), slots);
    String patches = texts.vision().forward(seer, "pixels");
    method(text, "vision", "pixels: Tensor", "Tensor", seer, patches);

    TorchOps reader = new TorchOps(lowering.qformer(), slots);
    String queries = texts.qformer().forward(reader, "patches");
    String projected = texts.qformer().project(reader, queries);
    String both = String.format(Locale.ROOT, "[%s, %s]", queries, projected);
    method(text, "qformer", "patches: Tensor", "List[Tensor]", reader, both);

    if (texts.opt() != null) {
      TorchOps writer = new TorchOps(lowering.language(), slots);
      String logits = texts.opt().forward(writer, "features", "ids", "places");
      body(text, String.format(Locale.ROOT, STEP, LinearKernel.FEW), writer, logits);
    }
    if (texts.encoder() != null && texts.decoder() != null) {
      seq2seq(text, lowering.language(), slots, texts.encoder(), texts.decoder());
    }
    if (texts.retrieval() != null) {
      retrieval(text, lowering.qformer(), slots, texts.retrieval());
    }
    return ScriptArchive.of(CLASS, text.toString(), LISTS, OBJECTS);
  }

  private static void seq2seq(
      StringBuilder text,
      LinearKernel kernel,
      WeightSlots slots,
      T5Encoder encoder,
      T5Decoder decoder) {
    TorchOps reader = new TorchOps(kernel, slots);
    String read = encoder.forward(reader, "features", "ids", "buckets");
    List<String> memory = new ArrayList<>();
    for (T5Encoder.Memory block : encoder.memories()) {
      memory.add(block.keys(reader, read));
      memory.add(block.values(reader, read));
    }
    body(text, String.format(Locale.ROOT, ENCODE, LinearKernel.FEW), reader, memory.toString());
    TorchOps writer = new TorchOps(kernel, slots);
    String logits = decoder.forward(writer, "ids", "buckets");
    body(text, String.format(Locale.ROOT, SEQ2SEQ_STEP, LinearKernel.FEW), writer, logits);
  }

  private static void retrieval(
      StringBuilder text, LinearKernel kernel, WeightSlots slots, RetrievalNetwork network) {
    TorchOps reader = new TorchOps(kernel, slots);
    String read = network.text(reader, "ids", "places", "mask");
    String features = network.textFeatures(reader, read);
    String inputs = "ids: Tensor, places: Tensor, mask: Tensor";
    String both = String.format(Locale.ROOT, "[%s, %s]", read, features);
    method(text, "text", inputs, "List[Tensor]", reader, both);
    TorchOps matcher = new TorchOps(kernel, slots);
    String queries = network.multimodal(matcher, "patches", "ids", "places", "mask");
    String logits = network.matching(matcher, queries);
    both = String.format(Locale.ROOT, "[%s, %s]", queries, logits);
    method(text, "pairs", "patches: Tensor, " + inputs, "List[Tensor]", matcher, both);
  }

  private static void method(
      StringBuilder text, String name, String inputs, String type, TorchOps ops, String result) {
    String head =
        String.format(
            Locale.ROOT,
            "  def %s(self: __torch__.Blip2, %s) -> %s:\n    w = self.weights\n",
            name,
            inputs,
            type);
    body(text, head, ops, result);
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
