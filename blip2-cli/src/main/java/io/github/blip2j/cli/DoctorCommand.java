package io.github.blip2j.cli;

import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.Device;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 doctor}: whether the backends work here, and a device gives the CPU's results. */
@Command(
    name = "doctor",
    description = {
      "Runs the built-in models with each backend and compares tokens and matches.",
      "Those of the backends with each other, and those of a device with the CPU's. Exit status 1 if",
      "anything differs or fails. How each runs the models, and why, goes to standard error."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DoctorCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Option(names = "--device", description = "cpu or cuda:N (default: cpu).")
  String device = "cpu";

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Device checked = Device.parse(device);
    List<Device> places =
        checked.equals(Device.CPU) ? List.of(checked) : List.of(Device.CPU, checked);
    @Nullable SelfCheck expected = null;
    int status = 0;
    for (String backend : List.of("onnx", "djl")) {
      for (Device place : places) {
        String verdict;
        try {
          String heading = "plan of " + backend + " on " + place + ":";
          PlanPrinter plans = new PlanPrinter(heading, spec.commandLine().getErr());
          SelfCheck found = SelfCheck.of(backend, place, plans);
          expected = Objects.requireNonNullElse(expected, found);
          verdict = found.differenceFrom(expected).orElse("well");
        } catch (Blip2Exception e) {
          verdict = String.valueOf(e.getMessage());
        }
        status = verdict.equals("well") ? status : 1;
        out.println(backend + " on " + place + ": " + verdict);
        out.flush();
      }
    }
    return status;
  }
}
