package io.github.blip2j.cli;

import io.github.blip2j.AnswerRanker;
import io.github.blip2j.Blip2;
import io.github.blip2j.generation.RankedAnswer;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 rank IMAGE CANDIDATE…} */
@Command(
    name = "rank",
    description = {
      "Says how likely the model finds each of given answers, the likeliest first.",
      "Prints the probability among them, the log-probability and the answer."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 rank --model DIR --prompt \"Question: what is it? Answer:\" photo.jpg \"a cat\" \"a"
          + " dog\""
    })
@SuppressWarnings("NullAway.Init")
final class RankCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin ImageArgument image;
  @Mixin FurtherImages further;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What the candidates follow.")
  @Nullable String prompt;

  @Option(names = "--length-normalization", description = "Mean over tokens instead of sum.")
  boolean lengthNormalization;

  @Option(names = "--no-end-token", description = "Candidates need not be whole answers.")
  boolean noEndToken;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "CANDIDATE", description = "Answers.")
  List<String> candidates;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Inputs inputs = image.inputs(model);
    RequestImages images = further.behind(image.name).required(inputs);
    try (Blip2 blip2 = model.load(spec.commandLine().getErr())) {
      AnswerRanker ranker =
          blip2.ranker().withLengthNormalization(lengthNormalization).withEndToken(!noEndToken);
      List<RankedAnswer> ranked = ranker.rank(images.input(inputs), prompt, candidates);
      if (json) {
        out.println(Output.ranking(images, prompt, ranked));
      } else {
        for (RankedAnswer r : ranked) {
          out.printf(
              Locale.ROOT, "%.4f  %.4f  %s%n", r.probability(), r.logProbability(), r.text());
        }
      }
      out.flush();
    }
    return 0;
  }
}
