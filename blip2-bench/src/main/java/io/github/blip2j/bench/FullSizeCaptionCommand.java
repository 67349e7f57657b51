package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.bench.host.ProcessMemory;
import io.github.blip2j.generation.DraftStatistics;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.StageTimings;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench caption}: a caption of exactly so many tokens, stage by stage. */
@Command(
    name = "caption",
    description = "Captions an image for exactly N tokens and prints times and memory.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class FullSizeCaptionCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Option(names = "--tokens", description = "New tokens (default: ${DEFAULT-VALUE}).")
  int tokens = 20;

  @Option(names = "--runs", description = "Captions, the first to warm up (default: 3).")
  int runs = 3;

  @Option(names = "--num-beams", description = "Default: 1, greedy.")
  int numBeams = 1;

  @Option(names = "--temperature", description = "Draws tokens (default: greedy).")
  double temperature;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    long start = System.nanoTime();
    try (Blip2 blip2 = model.load()) {
      double load = (System.nanoTime() - start) / 1e9;
      out.printf(Locale.ROOT, "%s: load %.2f s; %s%n", blip2.backend(), load, ProcessMemory.now());
      GenerationOptionsBuilder exactly =
          GenerationOptions.builder().maxNewTokens(tokens).minNewTokens(tokens).numBeams(numBeams);
      if (temperature > 0) {
        exactly.doSample(true).topK(0).temperature(temperature).seed(1);
      }
      for (int run = 0; run < runs; run++) {
        DraftStatistics before = blip2.draftStatistics();
        GeneratedText text =
            blip2.captioner().withOptions(exactly.build()).caption(ImageSource.of(model.image));
        out.println(
            (run == 0 ? "warm-up " : "caption ") + line(text) + model.guesses(blip2, before));
        out.flush();
      }
      out.printf(Locale.ROOT, "%s: %s%n", blip2.backend(), ProcessMemory.now());
      out.flush();
    }
    return 0;
  }

  private static String line(GeneratedText text) {
    StageTimings t = text.timings();
    int steps = Math.max(1, text.tokenIds().size() - 1);
    return String.format(
        Locale.ROOT,
        "total %.2f s: preprocessing %.3f, vision %.2f, qformer %.2f, prefill %.2f, decode %.2f (%.0f ms a token); %d tokens, first ids %s",
        seconds(t.total()),
        seconds(t.preprocessing()),
        seconds(t.vision()),
        seconds(t.qformer()),
        seconds(t.prefill()),
        seconds(t.decode()),
        1000 * seconds(t.decode()) / steps,
        text.tokenIds().size(),
        text.tokenIds().subList(0, Math.min(5, text.tokenIds().size())));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
