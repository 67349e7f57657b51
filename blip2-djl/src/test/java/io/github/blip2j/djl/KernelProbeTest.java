package io.github.blip2j.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.InferenceException;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.testkit.Fixtures;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KernelProbeTest {
  @BeforeAll
  static void startEngine() {
    assertThat(new DjlBackend().obstacle(Device.CPU, Blip2.defaultCacheDirectory())).isEmpty();
  }

  @Test
  void thePlainKernelWorksEverywhere() {
    assertThat(KernelProbe.works(LinearKernel.PLAIN)).isTrue();
  }

  private static Lowering choose(Execution execution) {
    return DjlPlan.of(execution, KernelProbe::works).lowering();
  }

  @Test
  void theChoiceIsOfKernelsThatWork() {
    Lowering chosen = choose(new Execution(Device.CPU, 1, WeightLayout.MAPPED));
    assertThat(KernelProbe.works(chosen.vision())).isTrue();
    assertThat(KernelProbe.works(chosen.language())).isTrue();
    assertThat(chosen.vision() == LinearKernel.PACKED)
        .isEqualTo(KernelProbe.works(LinearKernel.PACKED));
    assertThat(chosen.language() == LinearKernel.MAPPED)
        .isEqualTo(KernelProbe.works(LinearKernel.MAPPED));
    assertThat(choose(new Execution(Device.CPU, 1, WeightLayout.PACKED)))
        .isEqualTo(new Lowering(chosen.vision(), chosen.vision(), chosen.vision()));
    Device gpu = new Device(Device.Type.CUDA, 0);
    assertThat(choose(new Execution(gpu, 1, WeightLayout.MAPPED)))
        .isEqualTo(new Lowering(LinearKernel.PLAIN, LinearKernel.PLAIN, LinearKernel.PLAIN));
  }

  @Test
  void theNarrowKernelsOfThisLibraryRunAnywhere() {
    assertThat(KernelProbe.works(LinearKernel.HALF)).isTrue();
    assertThat(KernelProbe.works(LinearKernel.BFLOAT16)).isTrue();
  }

  @Test
  void eightBitsAreRightAtLeastInSevenOfThem() {
    assertThat(KernelProbe.works(LinearKernel.FBGEMM_INT8_REDUCED)).isTrue();
  }

  @Test
  void aSpeedIsOfKernelsThatRun() {
    boolean packed = KernelProbe.works(LinearKernel.PACKED);
    assertThat(KernelProbe.speed(LinearKernel.PACKED) > 0).isEqualTo(packed);
    assertThat(KernelProbe.speed(LinearKernel.BFLOAT16) > 0).isEqualTo(packed);
  }

  /** Each model that is opened asks a new backend, and none measures what another has measured. */
  @Test
  void everyModelIsPlannedByTheSameSpeeds() {
    Checkpoint checkpoint = Checkpoint.open(Fixtures.directory("tiny-opt"));
    Execution execution =
        new Execution(Device.CPU, 1, WeightLayout.MAPPED, Precisions.of(Precision.BFLOAT16));
    LoadRequest request =
        new LoadRequest(checkpoint, execution, Blip2.defaultCacheDirectory(), LoadListener.NONE);
    Set<String> reasons = new HashSet<>();
    for (int i = 0; i < 5; i++) {
      new DjlBackend().plan(request).forEach(decision -> reasons.add(decision.reason()));
    }
    assertThat(reasons)
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("times as fast as float32's here");
  }

  @Test
  void anUnknownOperatorIsTheEnginesErrorWhileLoading() {
    byte[] archive =
        ScriptArchive.of(
            "Blip2",
            "class Blip2(Module):\n  weights : List[Tensor]\n"
                + "  def f(self: __torch__.Blip2) -> Tensor:\n    return ops.no.such(1)\n",
            List.of("weights"),
            List.of());
    assertThatThrownBy(() -> new ScriptModule(archive, Device.CPU).close())
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("no::such");
  }

  @Test
  void aFailingRunIsOurErrorAndNamesTheStage() {
    try (ScriptModule module =
        new ScriptModule(ModelScript.probe(LinearKernel.PLAIN), Device.CPU)) {
      assertThatThrownBy(
              () -> module.run("a stage", "map", IValue.from("/no/such"), IValue.from(8L)))
          .isInstanceOf(InferenceException.class)
          .hasMessageStartingWith("a stage: PyTorch failed")
          .hasMessageContaining("/no/such");
    }
  }

  /** By its cause those who share a step know that it is no fault of anybody's text. */
  @Test
  void whatFindsNoMemorySaysSoAsItsCause() {
    byte[] archive =
        ScriptArchive.of(
            "Blip2",
            "class Blip2(Module):\n  weights : List[Tensor]\n"
                + "  def f(self: __torch__.Blip2, size: int) -> Tensor:\n"
                + "    return torch.zeros([size], dtype=6, device=torch.device(\"cpu\"))\n",
            List.of("weights"),
            List.of());
    long size = 1L << 50; // beyond any address
    try (ScriptModule module = new ScriptModule(archive, Device.CPU);
        PtNDManager scope = module.scope()) {
      assertThatThrownBy(() -> module.run("a stage", "f", IValue.from(size)).close())
          .isInstanceOf(InferenceException.class)
          .hasMessageStartingWith("a stage: PyTorch failed")
          .hasCauseInstanceOf(OutOfMemoryError.class)
          .hasRootCauseInstanceOf(EngineException.class);
      assertThatThrownBy(() -> ScriptModule.translated(() -> scope.create(new Shape(size))))
          .isInstanceOf(InferenceException.class)
          .hasCauseInstanceOf(OutOfMemoryError.class);
    }
    assertThatThrownBy(() -> ScriptModule.translated(KernelProbeTest::shapes))
        .hasCauseInstanceOf(EngineException.class);
  }

  private static String shapes() {
    throw new EngineException("3 is not 4");
  }
}
