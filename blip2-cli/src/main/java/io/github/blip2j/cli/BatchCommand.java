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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      "An image is a file, or a file: or data: URI. {\"images\": [\"a.jpg\", \"b.jpg\"], …} asks"
          + " about",
      "several in one prompt, in their order, which InstructBLIP can. A request that fails gives a"
          + " line with \"error\",",
      "the run goes on, and the exit status is 1."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 batch --model DIR < requests.jsonl > results.jsonl"})
@SuppressWarnings("NullAway.Init")
final class BatchCommand implements Callable<Integer> {
  private static final String GENERATE = "generate";
  private static final String TOO_LONG = "\n"; // in front of a reason; no line begins so

  @Spec CommandSpec spec;
  @Mixin ModelOptions options;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description =
          "Requests at once, whose texts take their steps together (default: ${DEFAULT-VALUE}).")
  int concurrency = 1;

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
    if (concurrency < 1) {
      throw new IllegalArgumentException("--concurrency (" + concurrency + ") must be at least 1");
    }
    PrintWriter err = spec.commandLine().getErr();
    // Results on a terminal show by themselves how far it is.
    PrintWriter told = TerminalWriter.isTerminal(1) ? out : err;
    try (Model model = new Model(options, concurrency, err);
        ProgressBar bar = ProgressBar.on(told)) {
      if (!lines.ready()) { // whoever asks later shall not wait for it then
        model.loaded();
      }
      Results results = new Results(out, bar);
      if (concurrency == 1) {
        each(line -> results.accept(answer(line, model)));
        return results.status;
      }
      try (InOrder<Answer> many = new InOrder<>(concurrency, results)) {
        each(line -> many.give(() -> answer(line, model)));
        many.finish();
      }
      return results.status;
    }
  }

  /** What standard output is given for a request. */
  private record Answer(List<String> lines, int status) {}

  /** Prints answers and counts them. For one thread at a time. */
  private static final class Results implements Consumer<Answer> {
    private final PrintWriter out;
    private final ProgressBar bar;
    private long done;
    private int status;

    Results(PrintWriter out, ProgressBar bar) {
      this.out = out;
      this.bar = bar;
    }

    @Override
    public void accept(Answer answer) {
      answer.lines().forEach(out::println);
      out.flush();
      status |= answer.status();
      bar.update("requests", ++done, 0, ProgressBar.Unit.ITEMS);
    }
  }

  /** Hands every line on that asks something; of one that is too long, why it is refused. */
  private void each(Consumer<String> sink) throws IOException {
    for (String line = next(); line != null; line = next()) {
      if (!line.isBlank()) {
        sink.accept(line);
      }
    }
  }

  /** The next line; for one that was too long, {@link #TOO_LONG} and the reason. */
  private @Nullable String next() throws IOException {
    try {
      return lines.next();
    } catch (IllegalArgumentException e) {
      return TOO_LONG + e.getMessage();
    }
  }

  /** Answers one request, the model loaded if it can be done at all. */
  private Answer answer(String line, Model model) {
    if (line.startsWith(TOO_LONG)) {
      return new Answer(List.of(Output.failure(null, null, line.substring(TOO_LONG.length()))), 1);
    }
    Task task;
    try {
      task = task(BatchRequest.json(line));
    } catch (RuntimeException e) {
      return failed(line, e);
    }
    Blip2 blip2 = model.loaded();
    try {
      return new Answer(task.run(blip2), 0);
    } catch (RuntimeException e) { // whatever it is, the requests behind it are answered
      return failed(line, e);
    }
  }

  private static Answer failed(String line, RuntimeException e) {
    boolean expected = e instanceof Blip2Exception || e instanceof IllegalArgumentException;
    JsonNode request = BatchRequest.peek(line);
    String prompt = request.path("prompt").textValue();
    String reason = expected ? String.valueOf(e.getMessage()) : e.toString();
    return new Answer(List.of(Output.failure(RequestImages.peek(request), prompt, reason)), 1);
  }

  /** The model, loaded when it is first needed. */
  private static final class Model implements AutoCloseable {
    private final ModelOptions options;
    private final int callers;
    private final PrintWriter err;
    private @Nullable Blip2 blip2;

    Model(ModelOptions options, int callers, PrintWriter err) {
      this.options = options;
      this.callers = callers;
      this.err = err;
    }

    synchronized Blip2 loaded() {
      if (blip2 == null) {
        blip2 =
            callers == 1
                ? options.loadAny(err, Capability.GENERATE)
                : options.loadShared(err, Capability.GENERATE, callers, callers);
      }
      return blip2;
    }

    @Override
    public synchronized void close() {
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
    RequestImages images = request.images().required(inputs);
    return blip2 -> {
      GenerationRequest one =
          new GenerationRequest(images.input(inputs), request.prompt(), request.options(blip2));
      return Output.lines(images, request.prompt(), blip2.generate(List.of(one)).get(0));
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
    only(
        node,
        "task",
        "image",
        "images",
        "prompt",
        "candidates",
        "length_normalization",
        "end_token");
    RequestImages images = RequestImages.of(node).required(inputs);
    String prompt =
        node.hasNonNull("prompt") ? new Value("prompt", node.get("prompt")).text() : null;
    List<String> candidates = new Value("candidates", node.path("candidates")).texts();
    boolean normalized = flag(node, "length_normalization", false);
    boolean end = flag(node, "end_token", true);
    return blip2 -> {
      AnswerRanker ranker = blip2.ranker().withLengthNormalization(normalized).withEndToken(end);
      return List.of(
          Output.ranking(images, prompt, ranker.rank(images.input(inputs), prompt, candidates)));
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
