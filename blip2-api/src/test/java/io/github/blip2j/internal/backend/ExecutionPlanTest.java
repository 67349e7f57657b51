package io.github.blip2j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.internal.backend.ExecutionPlan.Wishes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExecutionPlanTest {
  private static final Device CUDA = new Device(Device.Type.CUDA, 0);

  /** Takes sixteen bits on a CUDA device, and drafts of four on a CPU. */
  private static final class Fake implements Backend {
    @Override
    public String id() {
      return "fake";
    }

    @Override
    public int priority() {
      return 1;
    }

    @Override
    public Optional<String> obstacle(Device device, Path cache) {
      return Optional.empty();
    }

    @Override
    public Precisions precisions(Device device) {
      return Precisions.of(device.equals(CUDA) ? Precision.FLOAT16 : Precision.FLOAT32);
    }

    @Override
    public Set<Precision> drafts(Device device) {
      return device.equals(CUDA) ? Set.of() : Set.of(Precision.INT4);
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      throw new AssertionError("not asked to load");
    }
  }

  private static ExecutionPlan plan(Wishes wishes, Device device, String... passedOver) {
    return ExecutionPlan.of(
        wishes, new BackendRegistry.Choice(new Fake(), device, List.of(passedOver)), null);
  }

  private static List<String> lines(ExecutionPlan plan) {
    return plan.decisions(List.of()).stream().map(Decision::line).toList();
  }

  @Test
  void theUsualIsTakenWhereNothingIsAskedFor() {
    Wishes none = new Wishes(null, Device.AUTO, 3, null, null, null, null);
    ExecutionPlan onCpu = plan(none, Device.CPU, "other on cpu: no library");
    assertThat(onCpu.execution()).isEqualTo(new Execution(Device.CPU, 3, WeightLayout.MAPPED));
    assertThat(lines(onCpu))
        .containsExactly(
            "backend: fake (since other on cpu: no library)",
            "device: cpu (no backend can use a CUDA device)",
            "precisions: float32,float32,float32 (usual for fake on cpu)",
            "layout: mapped (usual: opens at once, without a copy)",
            "draft: none (not asked for)");
    ExecutionPlan onCuda = plan(none, CUDA);
    assertThat(onCuda.execution().precisions()).isEqualTo(Precisions.of(Precision.FLOAT16));
    assertThat(lines(onCuda))
        .contains(
            "backend: fake (the first by priority that runs here)",
            "device: cuda:0 (a CUDA device comes before the CPU)");
  }

  @Test
  void aDraftIsPackedUnlessAnotherLayoutIsAskedFor() {
    Wishes draft = new Wishes("fake", Device.CPU, 1, null, null, Precision.INT4, null);
    assertThat(plan(draft, Device.CPU).execution())
        .isEqualTo(
            new Execution(
                Device.CPU,
                1,
                WeightLayout.PACKED,
                Precisions.of(Precision.FLOAT32),
                Optional.of(Precision.INT4)));
    Wishes mapped =
        new Wishes("fake", Device.CPU, 1, null, WeightLayout.MAPPED, Precision.INT4, null);
    assertThat(plan(mapped, Device.CPU).execution().layout()).isEqualTo(WeightLayout.MAPPED);
  }

  @Test
  void whatIsAskedForIsTaken() {
    Precisions asked = Precisions.of(Precision.INT4);
    Wishes all =
        new Wishes("fake", Device.CPU, 1, asked, WeightLayout.PACKED, Precision.INT4, null);
    ExecutionPlan plan = plan(all, Device.CPU);
    assertThat(plan.execution().precisions()).isEqualTo(asked);
    assertThat(plan.execution().layout()).isEqualTo(WeightLayout.PACKED);
    assertThat(lines(plan)).hasSize(5).allMatch(line -> line.endsWith(" (asked for)"));
    assertThat(plan.decisions(List.of(new Decision<>("more", 1, "why"))))
        .last()
        .extracting(Decision::line)
        .isEqualTo("more: 1 (why)");
  }

  @Test
  void aDraftThatTheBackendHasNotIsRefused() {
    Wishes eight = new Wishes(null, Device.CPU, 1, null, null, Precision.INT8, null);
    assertThatThrownBy(() -> plan(eight, Device.CPU))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("draft (int8) must be one that backend fake has on cpu, one of [int4]");
    Wishes four = new Wishes(null, CUDA, 1, null, null, Precision.INT4, null);
    assertThatThrownBy(() -> plan(four, CUDA)).hasMessageContaining("on cuda:0, one of []");
  }

  @Test
  void whatDoesNotFitIsRefusedWithBothFigures() {
    ExecutionPlan.requireMemory("onnx", 10, OptionalLong.of(10));
    ExecutionPlan.requireMemory("onnx", Long.MAX_VALUE, OptionalLong.empty());
    OptionalLong found = OptionalLong.of(3_200_000_000L);
    assertThatThrownBy(() -> ExecutionPlan.requireMemory("onnx", 7_500_000_000L, found))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessageContaining("onnx: expected 7.5 GB of memory for the weights, found 3.2 GB");
  }
}
