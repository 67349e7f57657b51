package io.github.blip2j.examples.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.VisualQuestionAnswering;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 ask PICTURE QUESTION} */
@Command(
    name = "ask",
    description = "Answers a question about a picture.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class AskCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions options;

  @Option(names = "--max-new-tokens", paramLabel = "N", description = "Default: 20.")
  int maxNewTokens = GenerationOptions.defaults().maxNewTokens();

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "Text with {} for the question (default: ${DEFAULT-VALUE}).")
  String template = VisualQuestionAnswering.DEFAULT_TEMPLATE;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(index = "0", paramLabel = "PICTURE", description = "A picture file.")
  String picture;

  @Parameters(index = "1", paramLabel = "QUESTION", description = "A question in plain words.")
  String question;

  @Override
  public Integer call() {
    GenerationOptions generation = GenerationOptions.defaults().withMaxNewTokens(maxNewTokens);
    try (Blip2 blip2 = options.load(spec.commandLine().getErr())) {
      GeneratedText result =
          blip2
              .vqa()
              .withTemplate(template)
              .withOptions(generation)
              .ask(ImageSource.of(Output.path(picture)), question);
      var out = spec.commandLine().getOut();
      out.println(json ? Output.line(picture, question, result) : result.text());
      out.flush();
    }
    return 0;
  }
}
