package io.github.blip2j.internal.backend;

import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a model will run, as far as that does not depend on the backend: what the user asked for, and
 * what is usual for the rest. The backend's own plan follows from it.
 *
 * @param draft precision of a second language model that guesses, or {@code none}
 */
public record ExecutionPlan(
    Decision<String> backend,
    Decision<Device> device,
    Decision<Precisions> precisions,
    Decision<WeightLayout> layout,
    Decision<String> draft,
    Execution execution) {

  /**
   * What the user asked for; null where the usual is wanted.
   *
   * @param device may be {@code auto}
   * @param threads of one forward pass on a CPU
   */
  public record Wishes(
      @Nullable String backend,
      Device device,
      int threads,
      @Nullable Precisions precisions,
      @Nullable WeightLayout layout,
      @Nullable Precision draft) {}

  /**
   * Resolves.
   *
   * @throws IllegalArgumentException if the backend has no such draft on the device
   */
  public static ExecutionPlan of(Wishes wishes, BackendRegistry.Choice choice) {
    requireDraft(wishes.draft(), choice.backend(), choice.device());
    Decision<Precisions> precisions = precisions(wishes, choice);
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
        execution);
  }

  /** What was decided here, in the order in which one follows from another, and then by others. */
  public List<Decision<?>> decisions(List<Decision<?>> further) {
    List<Decision<?>> own = List.of(backend, device, precisions, layout, draft);
    return Stream.concat(own.stream(), further.stream()).toList();
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

  private static Decision<Precisions> precisions(Wishes wishes, BackendRegistry.Choice choice) {
    if (wishes.precisions() != null) {
      return new Decision<>("precisions", wishes.precisions(), "asked for");
    }
    return new Decision<>(
        "precisions",
        choice.backend().precisions(choice.device()),
        "usual for " + choice.backend().id() + " on " + choice.device());
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
