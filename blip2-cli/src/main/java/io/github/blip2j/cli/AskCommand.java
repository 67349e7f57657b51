package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.VisualQuestionAnswering;
import io.github.blip2j.generation.GeneratedText;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 ask IMAGE QUESTION…} */
@Command(
    name = "ask",
    description = "Answers questions about an image, or about several in one prompt.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 ask --model Salesforce/blip2-flan-t5-xl photo.jpg \"how many cats are there?\"",
      "  blip2 ask --model DIR before.jpg --with after.jpg \"what changed?\""
    })
@SuppressWarnings("NullAway.Init")
final class AskCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin ImageArgument image;
  @Mixin GenerationArguments arguments;
  @Mixin FurtherImages further;

  @Option(
      names = "--template",
      paramLabel = "TEXT",
      description =
          "Text with {} for the question "
              + " (default: Question: {} Answer:, of InstructBLIP Question: {} Short Answer:).")
  @Nullable String template;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "QUESTION",
      description = "Questions in plain words; the image is encoded once.")
  List<String> questions;

  @Option(names = "--normalize", description = "Answers in the VQA evaluation's form.")
  boolean normalize;

  @Override
  public Integer call() {
    String text = template != null ? template : arguments.presetTemplate();
    arguments.options();
    if (text != null) {
      TextTask.requireOneHole(text);
    }
    Inputs inputs = image.inputs(model);
    RequestImages images = further.behind(image.name).required(inputs);
    try (Blip2 blip2 = model.load(spec.commandLine().getErr())) {
      VisualQuestionAnswering asked = text == null ? blip2.vqa() : blip2.vqa().withTemplate(text);
      VisualQuestionAnswering task =
          asked
              .withOptions(arguments.options(blip2, asked.template()))
              .withNormalizedAnswers(normalize);
      var out = spec.commandLine().getOut();
      List<List<GeneratedText>> all = task.answers(images.input(inputs), questions);
      for (int i = 0; i < all.size(); i++) {
        String label = questions.size() == 1 ? "" : questions.get(i) + " ";
        if (json) {
          Output.lines(images, questions.get(i), all.get(i)).forEach(out::println);
        } else {
          all.get(i).forEach(result -> out.println(label + result.text()));
        }
      }
      out.flush();
    }
    return 0;
  }
}
