package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.ChatOptions;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Device;
import io.github.blip2j.EncodedImage;
import io.github.blip2j.Generation;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.GenerationRequest;
import io.github.blip2j.ImageSource;
import io.github.blip2j.Precisions;
import io.github.blip2j.WeightLayout;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench questions}: what a picture costs the first time and then. */
@Command(
    name = "questions",
    description = "Times a first and a second question, a conversation, and ranked answers.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class QuestionsCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--model", required = true, description = "Checkpoint directory.")
  Path model;

  @Option(names = "--image", required = true, description = "A picture.")
  Path image;

  @Option(names = "--backend", description = "onnx or djl (default: the best here).")
  @Nullable String backend;

  @Option(names = "--threads", description = "Default: all processors.")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--prompt", description = "Default: ${DEFAULT-VALUE}.")
  String prompt = "Question: what is it? Answer:";

  @Option(names = "--tokens", description = "Of an answer (default: ${DEFAULT-VALUE}).")
  int tokens = 5;

  @Option(names = "--runs", description = "The first warms up (default: 3).")
  int runs = 3;

  @Option(names = "--candidates", description = "Ranked answers; 0 for none (default: 0).")
  int candidates;

  @Option(names = "--turns", description = "Of a conversation (default: 4).")
  int turns = 4;

  @Option(names = "--precision", description = "One name, or three (default: float32).")
  String precision = "float32";

  @Option(names = "--weights", description = "mapped or packed (default: mapped).")
  WeightLayout weights = WeightLayout.MAPPED;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Blip2Builder builder = Blip2.builder().model(model).device(Device.CPU).threads(threads);
    builder.weightLayout(weights).precisions(Precisions.parse(precision));
    if (backend != null) {
      builder.backend(backend);
    }
    GenerationOptions exactly =
        GenerationOptions.builder().maxNewTokens(tokens).minNewTokens(tokens).build();
    try (Blip2 blip2 = builder.load()) {
      for (int run = 0; run < runs; run++) {
        String label = run == 0 ? "warm-up" : "measured";
        long start = System.nanoTime();
        EncodedImage encoded = blip2.encode(ImageSource.of(image));
        blip2.generate(List.of(new GenerationRequest(encoded, prompt, exactly)));
        double first = since(start);
        start = System.nanoTime();
        var answer = blip2.generate(List.of(new GenerationRequest(encoded, prompt, exactly)));
        double second = since(start);
        out.printf(
            "%s first question %.3f s, second question %.3f s; first ids %s%n",
            label, first, second, answer.get(0).get(0).tokenIds());
        out.printf(
            "%s conversation, seconds to the first token:%s%n", label, turns(blip2, encoded));
        out.flush();
      }
      if (candidates > 0) {
        rank(blip2, out);
      }
    }
    return 0;
  }

  private String turns(Blip2 blip2, EncodedImage encoded) {
    GenerationOptions exactly =
        GenerationOptions.builder().maxNewTokens(tokens).minNewTokens(tokens).build();
    StringBuilder times = new StringBuilder();
    try (ChatSession chat = blip2.chat(encoded, ChatOptions.defaults().withGeneration(exactly))) {
      for (int turn = 0; turn < turns; turn++) {
        int kept = chat.keptTokens();
        long start = System.nanoTime();
        try (Generation answer = chat.askStreaming("what is it?")) {
          answer.next();
          times.append(" %.3f (behind %d)".formatted(since(start), kept));
          answer.forEachRemaining(piece -> {});
        }
      }
    }
    return times.toString();
  }

  private void rank(Blip2 blip2, PrintWriter out) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < candidates; i++) {
      texts.add("a " + (char) ('a' + i % 26) + (char) ('a' + i / 26 % 26) + " " + i % 7);
    }
    ImageSource source = ImageSource.of(image);
    long start = System.nanoTime();
    blip2.rank(source, prompt, texts);
    double together = since(start);
    start = System.nanoTime();
    int alone = 3;
    for (int i = 0; i < alone; i++) {
      blip2.rank(source, prompt, List.of(texts.get(i)));
    }
    double each = since(start) / alone;
    out.printf(
        "ranked %d candidates in %.2f s; one alone %.2f s, so %.0f× as fast as %d alone%n",
        candidates, together, each, each * candidates / together, candidates);
    out.flush();
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
