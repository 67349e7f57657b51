package io.github.blip2j.examples.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.ImageSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
  @Mixin ModelOptions model;
  @Mixin GenerationArguments arguments;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description = "Text with {} for the question (default: Question: {} Answer:).")
  @Nullable String template;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(index = "0", paramLabel = "PICTURE", description = "A picture file.")
  String picture;

  @Parameters(index = "1", paramLabel = "QUESTION", description = "A question in plain words.")
  String question;

  @Override
  public Integer call() {
    String text = template != null ? template : arguments.questionTemplate();
    try (Blip2 blip2 = model.load(spec.commandLine().getErr())) {
      List<GeneratedText> results =
          blip2
              .vqa()
              .withTemplate(text)
              .withOptions(arguments.options())
              .answers(ImageSource.of(Output.path(picture)), question);
      var out = spec.commandLine().getOut();
      if (json) {
        Output.lines(picture, question, results).forEach(out::println);
      } else {
        results.forEach(result -> out.println(result.text()));
      }
      out.flush();
    }
    return 0;
  }
}
