package io.github.blip2j.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.internal.backend.ExecutionPlan.Wishes;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code auto} chooses, over a backend that says how large it would be. */
class FittingTest {
  private static final long GB = 1_000_000_000;
  private static final Precisions INT8 = Precisions.of(Precision.INT8_WEIGHTS);
  private static final Precisions INT4 = Precisions.of(Precision.INT4);

  /** As blip2-opt-2.7b: 15 GB, 6 and 3. */
  private static class Sized implements Backend {
    @Override
    public String id() {
      return "sized";
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
    public Precisions precisions(Device device, Recipe recipe) {
      return recipe == Recipe.SMALL ? INT4 : Backend.super.precisions(device, recipe);
    }

    @Override
    public List<Precisions> fallbacks(Device device) {
      return List.of(INT8, INT4);
    }

    @Override
    public long weightBytes(LoadRequest request) {
      Precisions asked = request.execution().precisions();
      return asked.equals(INT8) ? 6 * GB : asked.equals(INT4) ? 3 * GB : 15 * GB;
    }

    @Override
    public LoadedModel load(LoadRequest request) {
      throw new AssertionError("not asked to load");
    }
  }

  private static Wishes wishes(
      @Nullable Precisions precisions, @Nullable WeightLayout layout, @Nullable Recipe recipe) {
    return new Wishes(null, Device.CPU, 1, precisions, layout, null, recipe);
  }

  private static ExecutionPlan plan(Backend backend, Wishes wishes, OptionalLong available) {
    BackendRegistry.Choice choice = new BackendRegistry.Choice(backend, Device.CPU, List.of());
    ExecutionPlan usual = ExecutionPlan.of(wishes, choice, null);
    LoadRequest request =
        new LoadRequest(
            Checkpoint.open(Fixtures.directory("tiny-opt")),
            usual.execution(),
            Path.of("cache"),
            LoadListener.NONE);
    return Fitting.of(usual, wishes, new Fitting.Candidates(backend, request), available);
  }

  /** A quarter of the weights is left beside them, and at most 1 GiB. */
  @ParameterizedTest
  @CsvSource({
    "100.0, float32",
    "16.08, float32",
    "16.07, int8-weights",
    "7.08, int8-weights",
    "7.07, int4",
    "3.75, int4"
  })
  void theMostExactThatFitsIsChosen(double available, String expected) {
    OptionalLong bytes = OptionalLong.of((long) (available * GB));
    ExecutionPlan plan = plan(new Sized(), wishes(null, null, null), bytes);
    assertThat(plan.execution().precisions()).isEqualTo(Precisions.parse(expected));
    List<Decision<?>> decisions = plan.decisions(List.of());
    assertThat(decisions)
        .filteredOn(d -> d.part().equals("precisions"))
        .singleElement()
        .satisfies(d -> assertThat(d.choice()).isEqualTo(Precisions.parse(expected)));
    assertThat(decisions)
        .filteredOn(d -> d.part().equals(Decision.FIT))
        .hasSize(expected.equals("float32") ? 0 : 1);
  }

  @Test
  void theReasonHasTheFigures() {
    ExecutionPlan plan =
        plan(new Sized(), wishes(null, null, null), OptionalLong.of(8_200_000_000L));
    assertThat(plan.decisions(List.of()).stream().map(Decision::line))
        .contains(
            "precisions: int8-weights,int8-weights,int8 (the most exact that memory allows)",
            "fit: int8-weights,int8-weights,int8 (float32,float32,float32 needs 16.1 GB, found 8.2"
                + " GB available; this needs 7.1 GB)");
  }

  @Test
  void whereNothingFitsItIsRefusedWithBothFigures() {
    assertThatThrownBy(
            () -> plan(new Sized(), wishes(null, null, null), OptionalLong.of(3_600_000_000L)))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "sized: expected 3.8 GB of memory for the lowest precision, found 3.6 GB available;"
                + " name a precision to try all the same");
  }

  /** Who names a precision, or where weights lie, gets that. */
  @Test
  void whatWasAskedForIsNotChanged() {
    OptionalLong little = OptionalLong.of(GB);
    Precisions float32 = Precisions.of(Precision.FLOAT32);
    for (Wishes asked :
        List.of(
            wishes(float32, null, null),
            wishes(null, WeightLayout.PACKED, null),
            wishes(null, null, Recipe.EXACT))) {
      ExecutionPlan plan = plan(new Sized(), asked, little);
      assertThat(plan.execution().precisions()).isEqualTo(float32);
      assertThat(plan.fit()).isNull();
    }
    assertThat(plan(new Sized(), wishes(null, null, Recipe.SMALL), little).execution().precisions())
        .isEqualTo(INT4);
  }

  @Test
  void whereNobodyKnowsTheUsualIsTaken() {
    Wishes open = wishes(null, null, null);
    assertThat(plan(new Sized(), open, OptionalLong.empty()).fit()).isNull();
    Backend silent =
        new Sized() {
          @Override
          public long weightBytes(LoadRequest request) {
            return 0;
          }
        };
    assertThat(plan(silent, open, OptionalLong.of(1)).fit()).isNull();
  }

  @Test
  void aRecipeThatABackendHasNotIsRefusedByName() {
    assertThatThrownBy(
            () -> plan(new Sized(), wishes(null, null, Recipe.BALANCED), OptionalLong.empty()))
        .isInstanceOf(BackendUnavailableException.class)
        .hasMessage(
            "sized: precision: expected exact, the only recipe of this backend on cpu, found"
                + " balanced");
  }
}
