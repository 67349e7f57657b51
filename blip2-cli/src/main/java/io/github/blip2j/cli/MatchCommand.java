package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.retrieval.Match;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 match IMAGE TEXT…} */
@Command(
    name = "match",
    description = {
      "Says how well texts describe an image.",
      "Prints the matching probability (ITM), the similarity (ITC) and the text. Needs a"
          + " checkpoint",
      "for it, such as blip2-itm-vit-g."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 match --model Salesforce/blip2-itm-vit-g photo.jpg \"two cats\" \"a plane\""
    })
@SuppressWarnings("NullAway.Init")
final class MatchCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin ImageArgument image;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "Texts.")
  List<String> texts;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Inputs inputs = image.inputs(model);
    try (Blip2 blip2 = model.load(spec.commandLine().getErr(), Capability.MATCH)) {
      List<Match> matches = blip2.matcher().match(inputs.image(image.name), texts);
      if (json) {
        out.println(Output.matches(image.name, texts, matches));
      } else {
        for (int i = 0; i < matches.size(); i++) {
          Match match = matches.get(i);
          out.printf(
              Locale.ROOT,
              "%.4f  %.4f  %s%n",
              match.itmProbability(),
              match.itcSimilarity(),
              texts.get(i));
        }
      }
      out.flush();
    }
    return 0;
  }
}
