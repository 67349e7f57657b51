package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench questions}: what an image costs the first time and then. */
@Command(
    name = "questions",
    description = "Times a first and a second question, a conversation, and ranked answers.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class QuestionsCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

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

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    GenerationOptions exactly =
        GenerationOptions.builder().maxNewTokens(tokens).minNewTokens(tokens).build();
    try (Blip2 blip2 = model.load()) {
      for (int run = 0; run < runs; run++) {
        String label = run == 0 ? "warm-up" : "measured";
        long start = System.nanoTime();
        EncodedImage encoded = blip2.encode(ImageSource.of(model.image));
        blip2.generate(List.of(new GenerationRequest(encoded, prompt, exactly)));
        double first = since(start);
        DraftStatistics before = blip2.draftStatistics();
        start = System.nanoTime();
        var answer = blip2.generate(List.of(new GenerationRequest(encoded, prompt, exactly)));
        double second = since(start);
        out.printf(
            Locale.ROOT,
            "%s first question %.3f s, second question %.3f s; first ids %s%s%n",
            label,
            first,
            second,
            answer.get(0).get(0).tokenIds(),
            model.guesses(blip2, before));
        out.printf(
            Locale.ROOT,
            "%s conversation, seconds to the first token:%s%n",
            label,
            turns(blip2, encoded));
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
          times.append(String.format(Locale.ROOT, " %.3f (behind %d)", since(start), kept));
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
    ImageSource source = ImageSource.of(model.image);
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
        Locale.ROOT,
        "ranked %d candidates in %.2f s; one alone %.2f s, so %.0f× as fast as %d alone%n",
        candidates,
        together,
        each,
        each * candidates / together,
        candidates);
    out.flush();
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
