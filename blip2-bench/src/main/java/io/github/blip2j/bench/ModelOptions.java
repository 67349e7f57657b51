package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.generation.DraftStatistics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which checkpoint to measure and how it runs, alike for every command. */
@SuppressWarnings("NullAway.Init")
final class ModelOptions {
  @Option(names = "--model", required = true, description = "Checkpoint directory.")
  Path model;

  @Option(names = "--image", required = true, description = "An image.")
  Path image;

  @Option(names = "--backend", description = "onnx or djl (default: the best here).")
  @Nullable String backend;

  @Option(names = "--threads", description = "Default: all processors.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--precision",
      description = "exact, balanced or small, one name, or three (default: a bundle's, or exact).")
  @Nullable String precision;

  @Option(names = "--weights", description = "mapped or packed (default: the library's).")
  @Nullable WeightLayout weights;

  @Option(names = "--draft", description = "Precision of a draft (default: none).")
  @Nullable String draft;

  @Option(names = "--device", description = "cpu or cuda:N (default: ${DEFAULT-VALUE}).")
  String device = "cpu";

  Blip2 load() {
    return builder().load();
  }

  /** For a command that has more to set. */
  Blip2Builder builder() {
    Blip2Builder builder =
        Blip2.builder().model(model).device(Device.parse(device)).threads(threads);
    boolean bundle = Files.exists(model.resolve("bundle.json"));
    String chosen = precision != null ? precision : Recipe.EXACT.label();
    if (precision != null || !bundle) {
      Recipe.find(chosen)
          .ifPresentOrElse(builder::recipe, () -> builder.precisions(Precisions.parse(chosen)));
    }
    if (weights != null) {
      builder.weightLayout(weights);
    }
    if (draft != null) {
      builder.draft(Precision.parse(draft));
    }
    if (backend != null) {
      builder.backend(backend);
    }
    return builder;
  }

  /** What the draft's guesses were worth since an earlier count, or nothing without one. */
  String guesses(Blip2 blip2, DraftStatistics before) {
    DraftStatistics now = blip2.draftStatistics();
    return draft == null
        ? ""
        : String.format(
            Locale.ROOT,
            "; %d of %d guesses taken",
            now.accepted() - before.accepted(),
            now.guessed() - before.guessed());
  }
}
