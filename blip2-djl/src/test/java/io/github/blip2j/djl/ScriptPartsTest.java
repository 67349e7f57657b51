package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.BackendUnavailableException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScriptPartsTest {
  private static final Map<String, String> ALL =
      Map.of(
          "kernel", "half",
          "preparation", "weight",
          "product", "kept",
          "name", "vision",
          "inputs", "pixels: Tensor, ",
          "logits", "kept");

  @Test
  void thePartsOfTheResourceAreWhole() {
    ScriptParts parts = ScriptParts.read();
    assertThat(parts.names())
        .containsExactly(
            "loading",
            "taking",
            "packing",
            "caches",
            "step",
            "step with a memory",
            "beginning of a step",
            "encode",
            "method",
            "packed objects",
            "training",
            "loss",
            "end of the loss",
            "probe of a tensor",
            "probe of a packed object");
    for (String name : parts.names()) {
      assertThat(parts.part(name, ALL)).as(name).endsWith("\n").doesNotContain("${", "#", "\n\n");
    }
  }

  @Test
  void typesOfNumbersAreNamed() {
    ScriptParts parts = ScriptParts.read();
    assertThat(parts.part("loading", Map.of()))
        .startsWith("class Blip2(Module):\n")
        .contains("dtype=0))", "torch.to(tensor, 6)", "dtype=4, device=", "zeros, 0, 12)");
    assertThat(parts.part("beginning of a step", Map.of()))
        .contains("torch.le(torch.numel(slots), 8)");
    assertThat(parts.part("packed objects", Map.of()))
        .isEqualTo(
            "    packed = unchecked_cast("
                + "List[__torch__.torch.classes.quantized.LinearPackedParamsBase], self.packed)\n");
  }

  /** DJL leaves the arguments of a call that fails to nobody, so no weight may be one of a loss. */
  @Test
  void aLossIsGivenABatchAlone() {
    ScriptParts parts = ScriptParts.read();
    assertThat(parts.part("loss", ALL)).doesNotContain("List[").endsWith("w = self.weights\n");
    assertThat(parts.part("training", ALL)).contains("self.weights = weights\n");
  }

  @Test
  void whatIsMissingIsNamed() {
    ScriptParts parts =
        ScriptParts.of("# a note\n\n## one\na ${hole} $1\\\n\n# another\n## two\nb\n");
    assertThat(parts.part("one", Map.of("hole", "$x\\"))).isEqualTo("a $x\\ $1\\\n");
    assertThat(parts.part("two", Map.of())).isEqualTo("b\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parts.part("one", Map.of("hold", "x")))
        .withMessage("one: expected a value for 'hole', found those of [hold]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parts.part("three", Map.of()))
        .withMessage("expected a part of [one, two], found 'three'");
    assertThatThrownBy(() -> ScriptParts.read("nothing.torchscript"))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "djl: expected the resource io/github/blip2j/djl/nothing.torchscript beside the"
                + " backend's classes, found none; a jar that is packed anew must keep it");
  }
}
