package io.github.blip2j.examples.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.AnswerRanker;
import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Exception;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.GenerationRequest;
import io.github.blip2j.ImageInput;
import io.github.blip2j.RankedAnswer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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
      "in order; with several sequences one line each. {\"task\": \"rank\", \"image\", \"prompt\",",
      "\"candidates\"} ranks answers, {\"task\": \"match\", \"image\", \"texts\"} matches. A request that fails gives a line with",
      "\"error\", the run goes on, and the exit status is 1."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class BatchCommand implements Callable<Integer> {
  private static final String GENERATE = "generate";

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
          results = answer(blip2, BatchRequest.json(line));
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

  private static List<String> answer(Blip2 blip2, JsonNode node) {
    String task = node.hasNonNull("task") ? new Value("task", node.get("task")).text() : GENERATE;
    return switch (task) {
      case GENERATE -> generate(blip2, BatchRequest.parse(node));
      case "match" -> match(blip2, node);
      case "rank" -> rank(blip2, node);
      default ->
          throw new IllegalArgumentException(
              "task: expected generate, match or rank, found " + task);
    };
  }

  private static List<String> generate(Blip2 blip2, BatchRequest request) {
    ImageInput image = Inputs.image(request.image());
    GenerationRequest one = new GenerationRequest(image, request.prompt(), request.options());
    List<GeneratedText> results = blip2.generate(List.of(one)).get(0);
    return Output.lines(request.image(), request.prompt(), results);
  }

  private static List<String> match(Blip2 blip2, JsonNode node) {
    only(node, "task", "image", "texts");
    String image = new Value("image", node.path("image")).text();
    List<String> texts = new Value("texts", node.path("texts")).texts();
    return List.of(Output.matches(image, texts, blip2.matcher().match(Inputs.image(image), texts)));
  }

  private static List<String> rank(Blip2 blip2, JsonNode node) {
    only(node, "task", "image", "prompt", "candidates", "length_normalization", "end_token");
    String image = new Value("image", node.path("image")).text();
    String prompt =
        node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : null;
    List<String> candidates = new Value("candidates", node.path("candidates")).texts();
    AnswerRanker ranker =
        blip2
            .ranker()
            .withLengthNormalization(flag(node, "length_normalization", false))
            .withEndToken(flag(node, "end_token", true));
    List<RankedAnswer> ranked = ranker.rank(Inputs.image(image), prompt, candidates);
    return List.of(Output.ranking(image, prompt, ranked));
  }

  private static boolean flag(JsonNode node, String key, boolean absent) {
    return node.hasNonNull(key) ? new Value(key, node.get(key)).flag() : absent;
  }

  private static void only(JsonNode node, String... keys) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!List.of(keys).contains(entry.getKey())) {
        throw new IllegalArgumentException(
            "expected keys among " + List.of(keys) + ", found " + entry.getKey());
      }
    }
  }
}
