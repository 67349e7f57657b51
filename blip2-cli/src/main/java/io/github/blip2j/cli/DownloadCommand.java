package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 download MODEL} */
@Command(
    name = "download",
    description = {
      "Downloads a model from the Hugging Face Hub into the cache that all its libraries share.",
      "Brings what this program needs and what is not here yet, and goes on where an earlier download",
      "ended. Prints the folder with the model's files."
    },
    footer = {
      "",
      "Example:",
      "  blip2 download Salesforce/blip2-opt-2.7b",
      "",
      "HF_TOKEN names the token for private and gated models, HF_HUB_CACHE another folder,",
      "HTTPS_PROXY a proxy. More: docs/hub.md."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DownloadCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "owner/name or owner/name@revision on the Hub.")
  String model;

  @Option(names = "--revision", description = "Branch, tag or commit (default: main).")
  String revision = "main";

  @Option(names = "--json", description = "Print a JSON object with the folder.")
  boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Blip2Builder builder = Blip2.builder().model(model).revision(revision);
    String folder = DownloadQuestion.download(model, builder, err);
    if (json) {
      out.println(Output.MAPPER.createObjectNode().put("model", model).put("folder", folder));
    } else {
      out.println(folder);
    }
    out.flush();
    return 0;
  }
}
