package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Calibration;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 convert MODEL --precision small --output DIR} */
@Command(
    name = "convert",
    description = {
      "Converts a model into a bundle: one folder with its weights in a lower precision.",
      "--model DIR loads it anywhere, without the original and without preparing anything."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 convert Salesforce/blip2-opt-2.7b --precision small --output blip2-small",
      "  blip2 convert DIR --precision small --output mine --calibrate photos"
    })
@SuppressWarnings("NullAway.Init")
final class ConvertCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = {"--output", "--out"},
      required = true,
      paramLabel = "DIR",
      description = "Folder to make; must not exist.")
  Path output;

  @Option(
      names = "--calibrate",
      paramLabel = "IMAGES",
      description = {
        "Round the language model's weights of 4 bits for some of your images: "
            + ImageFiles.KINDS
            + ". May be repeated; sixteen are enough. Runs the model in float32; give --prompt too."
      })
  @Nullable List<String> calibrate;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "With --calibrate: what you will ask, besides none; may be repeated.")
  @Nullable List<String> prompts;

  @Option(names = "--json", description = "Print a JSON object that names folder and bytes.")
  boolean json;

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..1",
      description = "Checkpoint directory or owner/name, instead of --model.")
  @Nullable String positional;

  @Override
  public Integer call() {
    if (positional != null && model.model != null) {
      throw new IllegalArgumentException(
          "MODEL (" + positional + ") must be named once, found --model " + model.model + " too");
    }
    model.model = positional == null ? model.model : positional;
    if (model.model == null) {
      throw new IllegalArgumentException(
          "MODEL must be named: a checkpoint directory, or owner/name of a downloaded model");
    }
    model.convert(spec.commandLine().getErr(), output, calibration());
    PrintWriter results = spec.commandLine().getOut();
    if (json) {
      ObjectNode node = Output.MAPPER.createObjectNode();
      results.println(node.put("output", output.toString()).put("bytes", bytes(output)));
    } else {
      results.printf(Locale.ROOT, "%s: %,d bytes%n", output, bytes(output));
    }
    results.flush();
    return 0;
  }

  private @Nullable Calibration calibration() {
    if (calibrate == null) {
      if (prompts != null) {
        throw new IllegalArgumentException("--prompt must be given with --calibrate");
      }
      return null;
    }
    ImageFiles files = ImageFiles.of(calibrate);
    if (!files.unreadable().isEmpty()) {
      throw new UnreadableImageException(files.unreadable().values().iterator().next());
    }
    Inputs inputs = Inputs.withStandardInput();
    List<ImageSource> images = files.names().stream().distinct().map(inputs::unencoded).toList();
    return new Calibration(images, prompts == null ? List.of() : prompts);
  }

  private static long bytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(f -> f.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
