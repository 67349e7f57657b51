package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.image.ImageSource;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 quality --precision int4 IMAGE…} */
@Command(
    name = "quality",
    description = {
      "Says how far a precision is from float32 on your images.",
      "Prints agreement of first tokens and whole texts, divergence of the first token's",
      "distribution, log-probability of float32's text.",
      "With --draft also how many of its guesses were taken. Loads the model twice."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 quality --model DIR --precision int4 photo.jpg"})
@SuppressWarnings("NullAway.Init")
final class QualityCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "Compare this bundle, which was made of the model, instead of a precision.")
  @Nullable Path bundle;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "Besides none; may be repeated.")
  @Nullable List<String> prompts;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "Images, each " + Inputs.KINDS + ".")
  List<String> sources;

  @Override
  public Integer call() {
    checkWhatIsCompared();
    arguments.options();
    model.check();
    Inputs inputs = Inputs.withStandardInput();
    List<ImageSource> images = sources.stream().map(inputs::unencoded).toList();
    List<@Nullable String> all = new ArrayList<>();
    all.add(null);
    if (prompts != null) {
      all.addAll(prompts);
    }
    try (Blip2 exact = model.load(spec.commandLine().getErr(), "float32", null);
        Blip2 narrow = narrow()) {
      PrecisionQuality quality = new PrecisionQuality(exact, narrow, arguments.options());
      for (ImageSource image : images) {
        quality.compare(image, all);
      }
      print(narrow, quality.result());
    }
    return 0;
  }

  private void checkWhatIsCompared() {
    if (model.precision == null && model.draft == null && bundle == null) {
      throw new IllegalArgumentException("--precision or --draft must be given, or --bundle");
    }
    if (bundle != null && (model.precision != null || model.draft != null)) {
      throw new IllegalArgumentException(
          "--bundle must be given without --precision and --draft: a bundle has its own precision");
    }
  }

  private void print(Blip2 narrow, PrecisionQuality.Result result) {
    PrintWriter out = spec.commandLine().getOut();
    String backend = narrow.backend();
    String precision = bundle == null ? precision() : bundle.toString();
    DraftStatistics guesses = model.draft == null ? null : narrow.draftStatistics();
    out.println(
        json ? json(backend, precision, result, guesses) : line(backend + " " + precision, result));
    if (!json && guesses != null) {
      out.printf(
          Locale.ROOT,
          "%s draft: %d of %d guesses taken%n",
          model.draft,
          guesses.accepted(),
          guesses.guessed());
    }
    out.flush();
  }

  private String precision() {
    return model.precision == null ? "float32" : model.precision;
  }

  private Blip2 narrow() {
    return bundle == null
        ? model.load(spec.commandLine().getErr(), precision(), model.draft)
        : model.loadBundle(bundle, spec.commandLine().getErr());
  }

  private static String json(
      String backend,
      String precision,
      PrecisionQuality.Result r,
      @Nullable DraftStatistics draft) {
    ObjectNode node = Output.MAPPER.createObjectNode();
    node.put("backend", backend).put("precision", precision).put("texts", r.texts());
    node.put("first_token_agreement", r.firstTokens()).put("text_agreement", r.wholeTexts());
    node.put("divergence", r.divergence());
    node.put("log_probability", r.narrowScore()).put("float32_log_probability", r.exactScore());
    if (draft != null) {
      node.put("draft_guessed", draft.guessed()).put("draft_accepted", draft.accepted());
    }
    return node.toString();
  }

  static String line(String label, PrecisionQuality.Result r) {
    return String.format(
        Locale.ROOT,
        "%s: %d texts; first token agrees %.1f %%, whole text %.1f %%; divergence %.2g nats;"
            + " log-probability of float32's text %.3f (in float32 %.3f)",
        label,
        r.texts(),
        100 * r.firstTokens(),
        100 * r.wholeTexts(),
        r.divergence(),
        r.narrowScore(),
        r.exactScore());
  }
}
