package io.github.blip2j.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code blip2 completion}: what a shell must know to complete commands and options. */
@Command(
    name = "completion",
    description = "Prints a script that lets bash and zsh complete commands and options.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  source <(blip2 completion)"})
@SuppressWarnings("NullAway.Init")
final class CompletionCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(AutoComplete.bash("blip2", spec.root().commandLine()));
    out.flush();
    return 0;
  }
}
