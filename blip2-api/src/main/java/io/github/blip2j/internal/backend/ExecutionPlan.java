package io.github.blip2j.internal.backend;

import io.github.blip2j.checkpoint.Bundle;
import io.github.blip2j.core.BackendUnavailableException;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a model will run, as far as that does not depend on the backend: what the user asked for, and
 * what is usual for the rest. The backend's own plan follows from it.
 *
 * @param draft precision of a second language model that guesses, or {@code none}
 * @param fit why other precisions than usual were chosen, if memory is the reason; else null
 */
public record ExecutionPlan(
    Decision<String> backend,
    Decision<Device> device,
    Decision<Precisions> precisions,
    Decision<WeightLayout> layout,
    Decision<String> draft,
    @Nullable Decision<Precisions> fit,
    Execution execution) {

  /**
   * What the user asked for; null where the usual is wanted.
   *
   * @param device may be {@code auto}
   * @param threads of one forward pass on a CPU
   * @param recipe instead of precisions
   */
  public record Wishes(
      @Nullable String backend,
      Device device,
      int threads,
      @Nullable Precisions precisions,
      @Nullable WeightLayout layout,
      @Nullable Precision draft,
      @Nullable Recipe recipe) {
    /** Whether nothing was asked for that memory depends on. */
    boolean open() {
      return precisions == null && recipe == null && layout == null && draft == null;
    }
  }

  /**
   * Resolves.
   *
   * @param bundle what is loaded, if it was converted; its weights leave no choice
   * @throws IllegalArgumentException if the backend has no such draft on the device
   * @throws CheckpointException if the bundle is of another backend or of other precisions
   * @throws BackendUnavailableException if the backend has no such recipe on the device
   */
  public static ExecutionPlan of(
      Wishes wishes, BackendRegistry.Choice choice, @Nullable Bundle bundle) {
    requireDraft(wishes.draft(), choice.backend(), choice.device());
    Decision<Precisions> precisions = ChosenPrecisions.of(wishes, choice, bundle);
    Decision<WeightLayout> layout = layout(wishes);
    Execution execution =
        new Execution(
            choice.device(),
            wishes.threads(),
            layout.choice(),
            precisions.choice(),
            Optional.ofNullable(wishes.draft()));
    return new ExecutionPlan(
        backend(wishes, choice),
        device(wishes, choice),
        precisions,
        layout,
        draft(wishes.draft()),
        null,
        execution);
  }

  /** The same in other precisions, which memory demands. */
  ExecutionPlan fitted(Decision<Precisions> fit) {
    Decision<Precisions> taken =
        new Decision<>(precisions.part(), fit.choice(), "the most exact that memory allows");
    return new ExecutionPlan(
        backend, device, taken, layout, draft, fit, execution.with(fit.choice()));
  }

  /**
   * Refuses what this machine has no memory for, before anything is loaded.
   *
   * @param backend is named in the message
   * @param needed private bytes; 0 if nobody knows
   * @param available bytes; nothing if nobody knows
   * @throws BackendUnavailableException with both figures
   */
  public static void requireMemory(String backend, long needed, OptionalLong available) {
    if (available.isPresent() && needed > available.getAsLong()) {
      throw new BackendUnavailableException(
          String.format(
              Locale.ROOT,
              "%s: expected %.1f GB of memory for the weights, found %.1f GB available; a lower"
                  + " precision or mapped weights need less",
              backend,
              needed / 1e9,
              available.getAsLong() / 1e9));
    }
  }

  /** What was decided here, in the order in which one follows from another, and then by others. */
  public List<Decision<?>> decisions(List<Decision<?>> further) {
    Stream<Decision<?>> own = Stream.of(backend, device, precisions, layout, draft);
    Stream<Decision<?>> fitting = Stream.ofNullable(fit);
    return Stream.of(own, fitting, further.stream()).flatMap(s -> s).toList();
  }

  private static Decision<String> backend(Wishes wishes, BackendRegistry.Choice choice) {
    String id = choice.backend().id();
    String best =
        choice.passedOver().isEmpty()
            ? "the first by priority that runs here"
            : "since " + String.join("; ", choice.passedOver());
    return new Decision<>("backend", id, wishes.backend() == null ? best : "asked for");
  }

  private static Decision<Device> device(Wishes wishes, BackendRegistry.Choice choice) {
    if (wishes.device().type() != Device.Type.AUTO) {
      return new Decision<>("device", choice.device(), "asked for");
    }
    boolean cuda = choice.device().type() == Device.Type.CUDA;
    return new Decision<>(
        "device",
        choice.device(),
        cuda ? "a CUDA device comes before the CPU" : "no backend can use a CUDA device");
  }

  private static Decision<WeightLayout> layout(Wishes wishes) {
    if (wishes.layout() != null) {
      return new Decision<>("layout", wishes.layout(), "asked for");
    }
    return wishes.draft() == null
        ? new Decision<>("layout", WeightLayout.MAPPED, "usual: opens at once, without a copy")
        : new Decision<>(
            "layout",
            WeightLayout.PACKED,
            "usual with a draft: its guesses are verified several at a time");
  }

  private static Decision<String> draft(@Nullable Precision draft) {
    return draft == null
        ? new Decision<>("draft", "none", "not asked for")
        : new Decision<>("draft", draft.label(), "asked for");
  }

  private static void requireDraft(@Nullable Precision draft, Backend backend, Device device) {
    if (draft != null && !backend.drafts(device).contains(draft)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "draft (%s) must be one that backend %s has on %s, one of %s",
              draft.label(),
              backend.id(),
              device,
              backend.drafts(device).stream().map(Precision::label).toList()));
    }
  }
}
