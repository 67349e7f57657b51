package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Generation;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 caption IMAGE…} */
@Command(
    name = "caption",
    description = {
      "Describes images, goes on from prompts or answers questions.",
      "With --output for whole folders: what is done is noted beside the file as it comes, so that",
      "the same command goes on where it was stopped or killed. The file appears when all is done;",
      "images that cannot be read have their reason in it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 caption --model Salesforce/blip2-opt-2.7b photo.jpg",
      "  blip2 caption --model DIR --output alt-text.csv photos",
      "  blip2 caption --model DIR --together frame-1.png frame-2.png"
    })
@SuppressWarnings("NullAway.Init")
final class CaptionCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "Text to go on from; may be repeated.")
  List<String> prompts = List.of();

  @Option(
      names = "--question",
      paramLabel = "TEXT",
      description = "Question to answer about each image; may be repeated.")
  List<String> questions = List.of();

  @Option(
      names = "--together",
      description = {
        "All images are in one prompt, in the order of the arguments, those of a folder in that of",
        "their names. Of InstructBLIP, whose kind takes several."
      })
  boolean together;

  @Option(names = "--json", description = "Print one JSON object a text.")
  boolean json;

  @Option(names = "--stream", description = "Print texts as they are written.")
  boolean stream;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write texts to a new file that ends in .csv or .jsonl.")
  @Nullable String output;

  @Option(
      names = "--shard",
      paramLabel = "i/n",
      description = "With --output: only the i-th of n shares of the images, by their names.")
  @Nullable String shard;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "With --output: images that are computed together (default: 8).")
  @Nullable Integer batch;

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description = "Images, each " + ImageFiles.KINDS + ".")
  List<String> images;

  @Override
  public Integer call() {
    requireOptions();
    List<TextTask> tasks = TextTask.of(prompts, questions, arguments.captionPrompt());
    ImageFiles files = ImageFiles.of(images);
    int status = output == null ? print(tasks, files) : write(tasks, files, output);
    PrintWriter err = spec.commandLine().getErr();
    files.unreadable().values().forEach(reason -> Faults.say(err, reason));
    return files.unreadable().isEmpty() ? status : 1;
  }

  private void requireOptions() {
    arguments.options();
    if (json && stream) {
      throw new IllegalArgumentException("--stream (true) must not be given with --json");
    }
    if (stream) {
      arguments.oneText("--stream");
    }
    if (output != null && (json || stream)) {
      throw new IllegalArgumentException("--output must not be given with --json or --stream");
    }
    if (output != null && together) {
      throw new IllegalArgumentException(
          "--output must not be given with --together: a file has a row for each image");
    }
    if (output == null && (shard != null || batch != null)) {
      throw new IllegalArgumentException("--shard and --batch must be given with --output");
    }
    if (batch != null && batch < 1) {
      throw new IllegalArgumentException("--batch (" + batch + ") must be at least 1");
    }
    model.check();
  }

  private int write(List<TextTask> tasks, ImageFiles files, String to) {
    PrintWriter err = spec.commandLine().getErr();
    Shard share = shard == null ? Shard.WHOLE : Shard.parse(shard);
    ResultFile file = ResultFile.named(to);
    if (Files.exists(file.path()) && !Files.exists(file.journal())) {
      throw new IllegalArgumentException(
          "--output: expected a file that is not there, found " + to + "; delete or rename it");
    }
    FolderRun run = new FolderRun(file, files.names(share), Objects.requireNonNullElse(batch, 8));
    try (Blip2 blip2 = model.load(err);
        Journal journal = Journal.open(file.journal(), asked(blip2, tasks, share))) {
      Inputs inputs = Inputs.withStandardInput();
      return run.run(
          new FolderRun.Work(blip2, image -> requests(blip2, tasks, image), inputs), journal, err);
    }
  }

  /** What makes the texts of two runs alike. */
  private Map<String, String> asked(Blip2 blip2, List<TextTask> tasks, Shard share) {
    Map<String, String> asked = new LinkedHashMap<>();
    asked.put("checkpoint", blip2.checkpoint());
    asked.put("precision", String.valueOf(model.precision));
    String template = template(blip2);
    asked.put("prompts", tasks.stream().map(t -> "" + t.prompt(template)).toList().toString());
    asked.put("options", arguments.options().toString());
    asked.put("image options", model.imageOptions().toString());
    asked.put("shard", share.toString());
    return asked;
  }

  private List<FolderRun.Named> requests(Blip2 blip2, List<TextTask> tasks, ImageInput image) {
    return tasks.stream()
        .map(t -> new FolderRun.Named(t.name(), request(blip2, t, image)))
        .toList();
  }

  private GenerationRequest request(Blip2 blip2, TextTask task, ImageInput image) {
    @Nullable String prompt = task.prompt(template(blip2));
    return new GenerationRequest(image, prompt, arguments.options(blip2, prompt));
  }

  /** The preset's template for questions, or that of the model. */
  private String template(Blip2 blip2) {
    return Objects.requireNonNullElseGet(arguments.presetTemplate(), () -> blip2.vqa().template());
  }

  private int print(List<TextTask> tasks, ImageFiles files) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<RequestImages> requests = requests(files.names());
    Inputs inputs = Inputs.withStandardInput();
    Map<String, String> missing = inputs.missing(files.names(), err);
    @Nullable String start = tasks.get(0).name();
    if (requests.stream().allMatch(r -> r.reason(missing) != null)) {
      requests.forEach(r -> failed(r, start, r.reason(missing), out));
      out.flush();
      return 1;
    }
    int status = missing.isEmpty() ? 0 : 1;
    try (Blip2 blip2 = model.load(err)) {
      for (RequestImages request : requests) {
        String reason = request.reason(missing);
        if (reason != null) {
          failed(request, start, reason, out);
          continue;
        }
        try {
          String label = requests.size() == 1 ? "" : Inputs.name(request.names().get(0)) + ": ";
          print(blip2, tasks, new Named(request, label, request.input(inputs)), out);
        } catch (UnreadableImageException e) {
          status = 1;
          failed(request, start, e.getMessage(), out);
          Faults.say(err, String.valueOf(e.getMessage()));
        }
        out.flush();
      }
    }
    return status;
  }

  /** One about all images, or one about each. */
  private List<RequestImages> requests(List<String> names) {
    return together
        ? List.of(RequestImages.together(names))
        : names.stream().map(RequestImages::one).toList();
  }

  private void failed(
      RequestImages images, @Nullable String start, @Nullable String error, PrintWriter out) {
    if (json) {
      out.println(Output.failure(images, start, String.valueOf(error)));
    }
  }

  /** What texts are about, its names, and what stands in front of the texts. */
  private record Named(RequestImages names, String label, ImageInput image) {}

  private void print(Blip2 blip2, List<TextTask> tasks, Named about, PrintWriter out) {
    List<GenerationRequest> requests =
        tasks.stream().map(task -> request(blip2, task, about.image())).toList();
    if (stream) {
      requests.forEach(request -> stream(blip2, request, about.label(), out));
      return;
    }
    List<List<GeneratedText>> results = blip2.generate(requests);
    for (int i = 0; i < tasks.size(); i++) {
      if (json) {
        Output.lines(about.names(), tasks.get(i).name(), results.get(i)).forEach(out::println);
      } else {
        results.get(i).forEach(result -> out.println(about.label() + result.text()));
      }
    }
  }

  private static void stream(
      Blip2 blip2, GenerationRequest request, String label, PrintWriter out) {
    try (Generation generation = blip2.stream(request)) {
      out.print(label);
      generation.forEachRemaining(
          piece -> {
            out.print(piece.text());
            out.flush();
          });
    }
    out.println();
  }
}
