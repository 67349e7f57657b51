package io.github.blip2j.examples.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Exception;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.ImageSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code blip2 batch}: requests on standard input, results on standard output, a line each. */
@Command(
    name = "batch",
    description = {
      "Reads one JSON request a line, {\"image\", \"prompt\", \"max_new_tokens\", \"min_new_tokens\"},",
      "and writes one JSON result a line, in order. A request that fails gives a line with",
      "\"error\", the run goes on, and the exit status is 1."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class BatchCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions options;

  private final InputStream input;

  BatchCommand() {
    this(System.in);
  }

  BatchCommand(InputStream input) {
    this.input = input;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    int status = 0;
    BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    try (Blip2 blip2 = options.load(spec.commandLine().getErr())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isBlank()) {
          continue;
        }
        String result;
        try {
          result = answer(blip2, BatchRequest.parse(line));
        } catch (Blip2Exception | IllegalArgumentException e) {
          status = 1;
          result =
              Output.failure(
                  BatchRequest.peek(line, "image"),
                  BatchRequest.peek(line, "prompt"),
                  String.valueOf(e.getMessage()));
        }
        out.println(result);
        out.flush();
      }
    }
    return status;
  }

  private static String answer(Blip2 blip2, BatchRequest request) {
    ImageSource image = ImageSource.of(Output.path(request.image()));
    GeneratedText result =
        request.prompt() == null
            ? blip2.captioner().withOptions(request.options()).caption(image)
            : blip2
                .promptedCaptioner(request.prompt())
                .withOptions(request.options())
                .caption(image);
    return Output.line(request.image(), request.prompt(), result);
  }
}
