package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every backend must compute of weights in PyTorch's own files, of weights with an adapter and
 * of quantised ones: the reference's tensors at each stage, and its tokens. The reference does not
 * merge adapters.
 */
public abstract class VariantContract extends ModelsContract {
  /** Golden cases of each fixture: all there are. */
  private static final Map<String, Integer> CASES =
      Map.of(
          "tiny-opt-bin", 28,
          "tiny-opt-bin-sharded", 12,
          "tiny-opt-lora", 20,
          "tiny-opt-lora-regex", 20,
          "tiny-opt-dora", 20,
          "tiny-opt-bnb8", 12,
          "tiny-opt-nf4", 12);

  static List<String> variants() {
    return Fixtures.VARIANTS;
  }

  static List<String> adapters() {
    return Fixtures.ADAPTERS;
  }

  private GoldenChecks checks(String name) {
    return new GoldenChecks(name, load(name));
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyStageIsTheReferences(String name) {
    GoldenChecks checks = checks(name);
    List<String> images = checks.it().golden.endingWith("/vision");
    assertThat(images).hasSize(4);
    for (String key : images) {
      String image = key.substring(0, key.indexOf('/'));
      checks.stages(image, checks.it().pixels(image));
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void firstAndLastLogitsAreTheReferences(String name) {
    GoldenChecks checks = checks(name);
    List<String> firsts = checks.it().golden.endingWith("/first_logits");
    assertThat(firsts).hasSize(6);
    assertThat(firsts.stream().filter(checks::logits)).hasSize(4);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyCaseIsTheReferences(String name) {
    GoldenChecks checks = checks(name);
    List<Golden.Case> cases =
        checks.it().golden.all().stream().filter(c -> !c.name().equals("without-adapter")).toList();
    assertThat(cases).hasSize(Objects.requireNonNull(CASES.get(name)));
    assertThat(cases).allMatch(c -> c.smallestGap() > 1e-4);
    cases.forEach(checks::generation);
  }

  /** The adapter changes what the model says, and not what the model without it says. */
  @ParameterizedTest
  @MethodSource("adapters")
  void theBaseStaysWhatItWas(String name) {
    GoldenChecks adapted = checks(name);
    GoldenChecks base = checks(Fixtures.ADAPTED);
    List<Golden.Case> without = adapted.it().golden.cases("without-adapter");
    assertThat(without).hasSize(4);
    without.forEach(base::generation);
    List<Golden.Case> with = adapted.it().golden.cases("greedy");
    assertThat(without.stream().map(Golden.Case::newIds).toList())
        .isNotEqualTo(with.stream().map(Golden.Case::newIds).toList());
  }
}
