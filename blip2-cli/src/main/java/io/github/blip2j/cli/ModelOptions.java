package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.Calibration;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.Decision;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precision;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.Recipe;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model to use and how, alike for every command. */
final class ModelOptions {
  private static final String AUTO = "auto";
  private static final String NOTICE =
      "No --model: using the built-in demo model, which knows only generated scenes\n"
          + "of coloured shapes, such as those in samples/. For real images name a real one:\n"
          + "  --model NAME: a directory, or as on the Hub, e.g. Salesforce/";

  private boolean noticed;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "Checkpoint directory, or owner/name[@revision] of a model of the Hub.")
  @Nullable String model;

  @Option(
      names = "--download",
      description =
          "Download the model and the adapter from the Hub if they are not here (default: ask on a"
              + " terminal for the model, else refuse).")
  boolean download;

  @Option(names = "--revision", description = "Branch, tag or commit (default: main).")
  String revision = "main";

  @Option(
      names = "--adapter",
      paramLabel = "ADAPTER",
      description =
          "PEFT adapter (LoRA, rsLoRA, DoRA) that is merged into the model's weights: a directory,"
              + " or owner/name[@revision] of one on the Hub (default: none).")
  @Nullable String adapter;

  @Option(names = "--backend", paramLabel = "djl|onnx", description = "Default: the best here.")
  @Nullable String backend;

  @Option(names = "--device", description = "cpu, cuda:N or auto (default: auto).")
  String device = "auto";

  @Option(names = "--threads", description = "Threads of a forward pass (default: all cores).")
  @Nullable Integer threads;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      description = "Side of an image, with interpolated positions (default: the checkpoint's).")
  @Nullable Integer imageSize;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "exact, balanced or small; or of weights: float32, float16, bfloat16, int8, int8-weights,"
              + " int4 or int4-block32, or three of them for vision,qformer,language; or auto, the"
              + " default: float32 if memory allows, else what fits; float16 on a CUDA device.")
  @Nullable String precision;

  @Option(
      names = "--weights",
      paramLabel = "mapped|packed",
      description =
          "packed: float32 weights reordered in private memory: faster, and slow to load"
              + " (default: mapped; packed with a draft).")
  @Nullable WeightLayout weights;

  @Option(
      names = "--draft",
      paramLabel = "NAME",
      description =
          "int4, int4-block32 or int8: the language model in this precision guesses ahead, and the"
              + " tokens stay those of --precision (onnx only; default: none).")
  @Nullable String draft;

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Largest image that is decoded, width times height (default: the library's).")
  @Nullable Long maxPixels;

  @Option(names = "--exif-orientation", description = "Turn images as their EXIF data says.")
  boolean exifOrientation;

  /**
   * Bytes of encoded images that are kept, of a command that is asked about one again and again.
   */
  long imageCache;

  /**
   * Refuses names and numbers that nothing has, before anything is loaded.
   *
   * @throws IllegalArgumentException if one is wrong
   */
  void check() {
    builder(precision, draft);
  }

  /**
   * Refuses a precision that there is not.
   *
   * @throws IllegalArgumentException if it is wrong
   */
  void checkPrecision(String name) {
    builder(name, null);
  }

  /** Loads a model that writes text; see {@link #load(PrintWriter, Capability)}. */
  Blip2 load(PrintWriter err) {
    return load(err, Capability.GENERATE);
  }

  /**
   * Loads a model; without a name the built-in one, which says on {@code err} what it is.
   *
   * @throws IllegalArgumentException if the model cannot do what is needed; before it is loaded
   */
  Blip2 load(PrintWriter err, Capability needed) {
    Blip2Builder builder = named(builder(precision, draft), err, needed);
    if (!builder.capabilities().contains(needed)) {
      throw new IllegalArgumentException(
          model
              + (needed == Capability.MATCH
                  ? ": expected a checkpoint that matches images and texts, such as blip2-itm-vit-g"
                      + " (Blip2ForImageTextRetrieval), found one that writes text"
                  : ": expected a checkpoint that writes text, such as blip2-opt-2.7b"
                      + " (Blip2ForConditionalGeneration), found one that matches images and"
                      + " texts"));
    }
    return loaded(builder, err);
  }

  /** Shows how far it is. */
  private static Blip2 loaded(Blip2Builder builder, PrintWriter err) {
    try (LoadingBar bar = new LoadingBar(err)) {
      return builder.listener(bar).load();
    }
  }

  /**
   * How the model would be loaded, without loading it.
   *
   * @throws Blip2Exception if it cannot be; says why
   */
  List<Decision<?>> plan() {
    List<Decision<?>> found = new ArrayList<>();
    LoadListener listener =
        new LoadListener() {
          @Override
          public void progress(String stage, long done, long total) {}

          @Override
          public void planned(List<Decision<?>> plan) {
            found.addAll(plan);
            throw new PlanKnownException();
          }
        };
    try {
      Objects.requireNonNull(model, "a model");
      builder(precision, draft).model(model).listener(listener).load().close();
    } catch (PlanKnownException e) {
      return found;
    }
    return found;
  }

  /** Ends a loading of which only the plan was wanted. */
  private static final class PlanKnownException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Converts the named model; shows how far it is.
   *
   * @param calibration what weights of four bits are rounded for, or null
   */
  void convert(PrintWriter err, Path output, @Nullable Calibration calibration) {
    if (precision == null || precision.equals(AUTO)) {
      throw new IllegalArgumentException(
          "--precision must be exact, balanced or small, or precisions: a bundle has one for all"
              + " machines");
    }
    Blip2Builder builder = builder(precision, draft);
    if (model != null) {
      bring(model, builder.model(model), err);
    }
    if (calibration != null) {
      builder.calibration(calibration);
    }
    try (LoadingBar bar = new LoadingBar(err)) {
      builder.listener(bar).convert(output);
    }
  }

  /** Loads any model; without a name the built-in one that has a capability. */
  Blip2 loadAny(PrintWriter err, Capability builtIn) {
    return loaded(named(builder(precision, draft), err, builtIn), err);
  }

  /**
   * Loads any model for many callers at once, whose texts take their steps together.
   *
   * @param rows of a step
   * @param waiting texts beyond that
   */
  Blip2 loadShared(PrintWriter err, Capability builtIn, int rows, int waiting) {
    return loaded(named(builder(precision, draft).concurrency(rows, waiting), err, builtIn), err);
  }

  /**
   * The same model a second time for many callers, in another precision and without a draft.
   *
   * @param chosen as {@code --precision}
   */
  Blip2 loadBeside(String chosen, Capability builtIn, int rows, int waiting) {
    Blip2Builder builder = builder(chosen, null).concurrency(rows, waiting);
    boolean match = builtIn == Capability.MATCH;
    return model == null
        ? builder.model(match ? DemoModel.matcher() : DemoModel.captioner()).load()
        : builder.model(model).load();
  }

  /**
   * Another model that matches, on the same backend and device.
   *
   * @param name of it, or null for the built-in one
   */
  Blip2 loadMatcher(@Nullable String name) {
    Blip2Builder builder =
        Blip2.builder().device(Device.parse(device)).imageOptions(imageOptions());
    if (backend != null) {
      builder.backend(backend);
    }
    return name == null ? builder.model(DemoModel.matcher()).load() : builder.model(name).load();
  }

  /** Whether the built-in model is used. */
  boolean isBuiltIn() {
    return model == null;
  }

  /** A model that writes text, in another precision and with another draft than the options'. */
  Blip2 load(PrintWriter err, @Nullable String chosen, @Nullable String guessing) {
    return loaded(named(builder(chosen, guessing), err, Capability.GENERATE), err);
  }

  /** A bundle that was made of the model, in its own precisions. */
  Blip2 loadBundle(Path bundle, PrintWriter err) {
    return loaded(builder(null, null).model(bundle), err);
  }

  private Blip2Builder named(Blip2Builder builder, PrintWriter err, Capability builtIn) {
    if (model != null) {
      bring(model, builder.model(model), err);
      return builder;
    }
    boolean match = builtIn == Capability.MATCH;
    if (!noticed) { // a command that loads the model twice says it once
      err.println(NOTICE + (match ? "blip2-itm-vit-g." : "blip2-opt-2.7b."));
      err.flush();
      noticed = true;
    }
    return builder.model(match ? DemoModel.matcher() : DemoModel.captioner());
  }

  /** Downloads what is not here, if the options or somebody at the terminal want it. */
  private void bring(String name, Blip2Builder builder, PrintWriter err) {
    if (!download && !DownloadQuestion.possible(err) || builder.isLocal()) {
      return;
    }
    try {
      if (download || DownloadQuestion.agreed(name, System.in, err)) {
        DownloadQuestion.download(name, builder, err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How images are read. */
  ImageOptions imageOptions() {
    ImageOptions options = ImageOptions.defaults().withExifOrientation(exifOrientation);
    return maxPixels == null ? options : options.withMaxPixels(maxPixels);
  }

  private Blip2Builder builder(@Nullable String chosen, @Nullable String guessing) {
    Blip2Builder builder =
        Blip2.builder()
            .revision(revision)
            .download(download)
            .device(Device.parse(device))
            .imageOptions(imageOptions())
            .imageCache(imageCache);
    if (adapter != null) {
      builder.adapter(adapter);
    }
    if (weights != null) {
      builder.weightLayout(weights);
    }
    if (guessing != null) {
      builder.draft(Precision.parse(guessing));
    }
    if (threads != null) {
      builder.threads(threads);
    }
    if (imageSize != null) {
      builder.imageSize(imageSize);
    }
    if (backend != null) {
      builder.backend(backend);
    }
    if (chosen != null && !chosen.equals(AUTO)) {
      Recipe.find(chosen)
          .ifPresentOrElse(builder::recipe, () -> builder.precisions(Precisions.parse(chosen)));
    }
    return builder;
  }
}
