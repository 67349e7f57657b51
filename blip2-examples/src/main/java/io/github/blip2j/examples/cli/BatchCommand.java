package io.github.blip2j.examples.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Exception;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.GenerationRequest;
import io.github.blip2j.ImageSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code blip2 batch}: requests on standard input, results on standard output, a line each. */
@Command(
    name = "batch",
    description = {
      "Reads one JSON request a line, {\"image\", \"prompt\", \"max_new_tokens\", \"num_beams\", …}, the",
      "arguments named as Transformers' generate names them, and writes one JSON result a line,",
      "in order; with several sequences one line each. A request that fails gives a line with",
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
        List<String> results;
        try {
          results = answer(blip2, BatchRequest.parse(line));
        } catch (RuntimeException e) { // whatever it is, the requests behind it are answered
          status = 1;
          results =
              List.of(
                  Output.failure(
                      BatchRequest.peek(line, "image"),
                      BatchRequest.peek(line, "prompt"),
                      message(e)));
        }
        results.forEach(out::println);
        out.flush();
      }
    }
    return status;
  }

  private static String message(RuntimeException e) {
    boolean expected = e instanceof Blip2Exception || e instanceof IllegalArgumentException;
    return expected ? String.valueOf(e.getMessage()) : e.toString();
  }

  private static List<String> answer(Blip2 blip2, BatchRequest request) {
    ImageSource image = ImageSource.of(Output.path(request.image()));
    GenerationRequest one = new GenerationRequest(image, request.prompt(), request.options());
    List<GeneratedText> results = blip2.generate(List.of(one)).get(0);
    return Output.lines(request.image(), request.prompt(), results);
  }
}
