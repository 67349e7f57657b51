package io.github.blip2j.djl;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.stage.Stage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The TorchScript class of a checkpoint: one method a stage, and those that load weights and keep
 * caches. The module's only state is its weights, set while loading; caches are arguments. What
 * does not depend on the checkpoint is the text of {@link ScriptParts}.
 */
final class ModelScript {
  static final String CLASS = "Blip2";
  static final List<String> LISTS = List.of("files", "weights");
  static final List<String> OBJECTS = List.of("packed");

  private final ScriptParts parts = ScriptParts.read();
  private final StringBuilder text = new StringBuilder();

  private ModelScript() {}

  static byte[] compile(Lowering lowering, WeightSlots slots, ModelProgram program) {
    ModelScript script = new ModelScript();
    Set<LinearKernel> kernels = new LinkedHashSet<>();
    kernels.addAll(List.of(lowering.vision(), lowering.qformer(), lowering.language()));
    if (kernels.contains(LinearKernel.HALF)) {
      kernels.add(LinearKernel.PLAIN); // of layers that stay float32
    }
    script.loading(kernels);
    script.part("caches", Map.of());
    script.method(lowering.vision(), slots, program.vision());
    script.method(lowering.qformer(), slots, program.qformer());
    program.occasional().forEach(o -> script.method(lowering.qformer(), slots, o.stage()));
    if (program.head() instanceof LanguageProgram language) {
      script.step(lowering.language(), slots, language.decoder());
      language.encoder().ifPresent(e -> script.encode(lowering.language(), slots, e));
    } else {
      ModelProgram.Matching matching = program.matching();
      script.method(lowering.qformer(), slots, matching.text());
      script.method(lowering.qformer(), slots, matching.pairs());
    }
    return script.archive();
  }

  /** A module of nothing but loading and one product, to try a kernel with a known answer. */
  static byte[] probe(LinearKernel kernel) {
    ModelScript script = new ModelScript();
    script.loading(Set.of(kernel));
    boolean packs = kernel.keeping() == LinearKernel.Keeping.PACKED_OBJECT;
    script.part(
        packs ? "probe of a packed object" : "probe of a tensor",
        Map.of(
            "preparation", kernel.preparation(), "product", kernel.product("x", "kept", "None")));
    return script.archive();
  }

  private byte[] archive() {
    return ScriptArchive.of(CLASS, text.toString(), LISTS, OBJECTS);
  }

  private void part(String name, Map<String, String> values) {
    text.append(parts.part(name, values));
  }

  /** The end of the names of methods that take a weight for a kernel. */
  static String suffix(LinearKernel kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  private void loading(Set<LinearKernel> kernels) {
    part("loading", Map.of());
    for (LinearKernel kernel : kernels) {
      Map<String, String> values =
          Map.of("kernel", suffix(kernel), "preparation", kernel.preparation());
      switch (kernel.keeping()) {
        case TENSOR -> part("taking", values);
        case PACKED_OBJECT -> part("packing", values);
        default -> {}
      }
    }
  }

  private void step(LinearKernel kernel, WeightSlots slots, Stage stage) {
    TorchOps ops = new TorchOps(kernel, slots, stage);
    String head = stage.memory().exists() ? "step with a memory" : "step";
    part(head, Map.of("inputs", arguments(stage)));
    part("beginning of a step", Map.of());
    body(ops, outputs(ops, stage).get(0));
  }

  private void encode(LinearKernel kernel, WeightSlots slots, Stage stage) {
    TorchOps ops = new TorchOps(kernel, slots, stage);
    part("encode", Map.of("inputs", arguments(stage)));
    body(ops, outputs(ops, stage).toString());
  }

  private void method(LinearKernel kernel, WeightSlots slots, Stage stage) {
    TorchOps ops = new TorchOps(kernel, slots, stage);
    String inputs = arguments(stage);
    String withoutComma = inputs.substring(0, inputs.length() - 2);
    part("method", Map.of("name", stage.name(), "inputs", withoutComma));
    body(ops, outputs(ops, stage).toString());
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

  private void body(TorchOps ops, String result) {
    if (ops.body().contains("packed[")) {
      part("packed objects", Map.of());
    }
    text.append(ops.body()).append("    return ").append(result).append('\n');
  }
}
