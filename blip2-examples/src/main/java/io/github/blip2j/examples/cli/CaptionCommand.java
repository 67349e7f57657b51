package io.github.blip2j.examples.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.GeneratedText;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.UnreadableImageException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 caption PICTURE…} */
@Command(
    name = "caption",
    description = "Describes pictures, or goes on from a prompt.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class CaptionCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions options;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "Text to go on from.")
  @Nullable String prompt;

  @Option(names = "--max-new-tokens", paramLabel = "N", description = "Default: 20.")
  int maxNewTokens = GenerationOptions.defaults().maxNewTokens();

  @Option(names = "--json", description = "Print one JSON object a picture.")
  boolean json;

  @Parameters(paramLabel = "PICTURE", arity = "1..*", description = "Picture files.")
  List<String> pictures;

  @Override
  public Integer call() {
    GenerationOptions generation = GenerationOptions.defaults().withMaxNewTokens(maxNewTokens);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    int status = 0;
    try (Blip2 blip2 = options.load(err)) {
      for (String picture : pictures) {
        try {
          GeneratedText result = caption(blip2, ImageSource.of(Output.path(picture)), generation);
          out.println(json ? Output.line(picture, prompt, result) : plain(picture, result));
        } catch (UnreadableImageException e) {
          status = 1;
          if (json) {
            out.println(Output.failure(picture, prompt, String.valueOf(e.getMessage())));
          }
          err.println("blip2: " + e.getMessage());
          err.flush();
        }
        out.flush();
      }
    }
    return status;
  }

  private GeneratedText caption(Blip2 blip2, ImageSource image, GenerationOptions generation) {
    return prompt == null
        ? blip2.captioner().withOptions(generation).caption(image)
        : blip2.promptedCaptioner(prompt).withOptions(generation).caption(image);
  }

  private String plain(String picture, GeneratedText result) {
    return pictures.size() == 1 ? result.text() : picture + ": " + result.text();
  }
}
