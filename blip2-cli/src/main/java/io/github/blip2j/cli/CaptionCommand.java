package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 caption PICTURE…} */
@Command(
    name = "caption",
    description = "Describes pictures, or goes on from a prompt.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class CaptionCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to go on from.")
  @Nullable String prompt;

  @Option(names = "--json", description = "Print one JSON object a text.")
  boolean json;

  @Option(names = "--stream", description = "Print texts as they are written.")
  boolean stream;

  @Parameters(
      paramLabel = "PICTURE",
      arity = "1..*",
      description = "Images, each " + Inputs.KINDS + ".")
  List<String> pictures;

  @Override
  public Integer call() {
    requireOptions();
    String start = prompt != null ? prompt : arguments.captionPrompt();
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Inputs inputs = Inputs.withStandardInput();
    Map<String, String> missing = inputs.missing(pictures, err);
    if (missing.keySet().containsAll(pictures)) {
      pictures.forEach(picture -> failed(picture, start, missing.get(picture), out));
      out.flush();
      return 1;
    }
    int status = missing.isEmpty() ? 0 : 1;
    try (Blip2 blip2 = model.load(err)) {
      GenerationOptions options = arguments.options(blip2, start);
      for (String picture : pictures) {
        if (missing.containsKey(picture)) {
          failed(picture, start, missing.get(picture), out);
          continue;
        }
        try {
          print(blip2, picture, new GenerationRequest(inputs.image(picture), start, options), out);
        } catch (UnreadableImageException e) {
          status = 1;
          failed(picture, start, e.getMessage(), out);
          err.println("blip2: " + e.getMessage());
          err.flush();
        }
        out.flush();
      }
    }
    return status;
  }

  private void requireOptions() {
    arguments.options();
    if (json && stream) {
      throw new IllegalArgumentException("--stream (true) must not be given with --json");
    }
    if (stream) {
      arguments.oneText("--stream");
    }
    model.check();
  }

  private void failed(
      String picture, @Nullable String start, @Nullable String error, PrintWriter out) {
    if (json) {
      out.println(Output.failure(picture, start, String.valueOf(error)));
    }
  }

  private void print(Blip2 blip2, String picture, GenerationRequest request, PrintWriter out) {
    String label = pictures.size() == 1 ? "" : Inputs.name(picture) + ": ";
    if (stream) {
      try (Generation generation = blip2.stream(request)) {
        out.print(label);
        generation.forEachRemaining(
            piece -> {
              out.print(piece.text());
              out.flush();
            });
      }
      out.println();
      return;
    }
    List<GeneratedText> results = blip2.generate(List.of(request)).get(0);
    if (json) {
      Output.lines(picture, request.prompt(), results).forEach(out::println);
    } else {
      results.forEach(result -> out.println(label + result.text()));
    }
  }
}
