package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.blip2j.AnswerRanker;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.Capability;
import io.github.blip2j.generation.GenerationRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code blip2 batch}: requests on standard input, results on standard output, a line each. */
@Command(
    name = "batch",
    description = {
      "Answers requests on standard input, a line of JSON each.",
      "Reads one JSON request a line, {\"image\", \"prompt\", \"max_new_tokens\", \"num_beams\","
          + " …}, the",
      "arguments named as Transformers' generate names them, and writes one JSON result a line,",
      "in order; with several sequences one line each. {\"task\": \"rank\", \"image\", \"prompt\",",
      "\"candidates\"} ranks answers, the likeliest first, {\"task\": \"match\", \"image\","
          + " \"texts\"} matches.",
      "An image is a file, or a file: or data: URI. A request that fails gives a line with"
          + " \"error\",",
      "the run goes on, and the exit status is 1."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 batch --model DIR < requests.jsonl > results.jsonl"})
@SuppressWarnings("NullAway.Init")
final class BatchCommand implements Callable<Integer> {
  private static final String GENERATE = "generate";
  private static final String TOO_LONG = "\n"; // which no line is

  @Spec CommandSpec spec;
  @Mixin ModelOptions options;

  private final Lines lines;
  private final Inputs inputs = Inputs.withoutStandardInput();

  BatchCommand() {
    this(new Lines(System.in));
  }

  BatchCommand(Lines lines) {
    this.lines = lines;
  }

  /** What a request wants done, once it has been understood. */
  private interface Task {
    List<String> run(Blip2 blip2);
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    options.check();
    int status = 0;
    PrintWriter err = spec.commandLine().getErr();
    // Results on a terminal show by themselves how far it is.
    PrintWriter told = TerminalWriter.isTerminal(1) ? out : err;
    try (Model model = new Model(options, err);
        ProgressBar bar = ProgressBar.on(told)) {
      if (!lines.ready()) { // whoever asks later shall not wait for it then
        model.loaded();
      }
      long done = 0;
      for (String line = next(out); line != null; line = next(out)) {
        if (line.equals(TOO_LONG) || !line.isBlank()) {
          status |= line.equals(TOO_LONG) ? 1 : answer(line, model, out);
          out.flush();
          bar.update("requests", ++done, 0, ProgressBar.Unit.ITEMS);
        }
      }
    }
    return status;
  }

  /** The next line; for one that was too long, of which the result says so, {@link #TOO_LONG}. */
  private @Nullable String next(PrintWriter out) throws IOException {
    try {
      return lines.next();
    } catch (IllegalArgumentException e) {
      out.println(Output.failure(null, null, String.valueOf(e.getMessage())));
      return TOO_LONG;
    }
  }

  /** Answers one request, the model loaded if it can be done at all; gives the exit status. */
  private int answer(String line, Model model, PrintWriter out) {
    Task task;
    try {
      task = task(BatchRequest.json(line));
    } catch (RuntimeException e) {
      return failed(line, e, out);
    }
    Blip2 blip2 = model.loaded();
    List<String> results;
    try {
      results = task.run(blip2);
    } catch (RuntimeException e) { // whatever it is, the requests behind it are answered
      return failed(line, e, out);
    }
    results.forEach(out::println);
    return 0;
  }

  private static int failed(String line, RuntimeException e, PrintWriter out) {
    boolean expected = e instanceof Blip2Exception || e instanceof IllegalArgumentException;
    String image = BatchRequest.peek(line, "image");
    String prompt = BatchRequest.peek(line, "prompt");
    out.println(
        Output.failure(image, prompt, expected ? String.valueOf(e.getMessage()) : e.toString()));
    return 1;
  }

  /** The model, loaded when it is first needed. */
  private static final class Model implements AutoCloseable {
    private final ModelOptions options;
    private final PrintWriter err;
    private @Nullable Blip2 blip2;

    Model(ModelOptions options, PrintWriter err) {
      this.options = options;
      this.err = err;
    }

    Blip2 loaded() {
      if (blip2 == null) {
        blip2 = options.loadAny(err, Capability.GENERATE);
      }
      return blip2;
    }

    @Override
    public void close() {
      if (blip2 != null) {
        blip2.close();
      }
    }
  }

  private Task task(JsonNode node) {
    String task = node.hasNonNull("task") ? new Value("task", node.get("task")).text() : GENERATE;
    return switch (task) {
      case GENERATE -> generate(BatchRequest.parse(node));
      case "match" -> match(node);
      case "rank" -> rank(node);
      default ->
          throw new IllegalArgumentException(
              "task: expected generate, match or rank, found " + task);
    };
  }

  private Task generate(BatchRequest request) {
    String name = request.image();
    inputs.require(name);
    return blip2 -> {
      GenerationRequest one =
          new GenerationRequest(inputs.image(name), request.prompt(), request.options(blip2));
      return Output.lines(name, request.prompt(), blip2.generate(List.of(one)).get(0));
    };
  }

  private Task match(JsonNode node) {
    only(node, "task", "image", "texts");
    String image = image(node);
    List<String> texts = new Value("texts", node.path("texts")).texts();
    return blip2 ->
        List.of(Output.matches(image, texts, blip2.matcher().match(inputs.image(image), texts)));
  }

  private Task rank(JsonNode node) {
    only(node, "task", "image", "prompt", "candidates", "length_normalization", "end_token");
    String image = image(node);
    String prompt =
        node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : null;
    List<String> candidates = new Value("candidates", node.path("candidates")).texts();
    boolean normalized = flag(node, "length_normalization", false);
    boolean end = flag(node, "end_token", true);
    return blip2 -> {
      AnswerRanker ranker = blip2.ranker().withLengthNormalization(normalized).withEndToken(end);
      return List.of(
          Output.ranking(image, prompt, ranker.rank(inputs.image(image), prompt, candidates)));
    };
  }

  private String image(JsonNode node) {
    String image = new Value("image", node.path("image")).text();
    inputs.require(image);
    return image;
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
