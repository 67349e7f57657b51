package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.Capability;
import io.github.blip2j.core.Device;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.spi.Backend;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 doctor}: what this machine is, and whether the backends work on it. */
@Command(
    name = "doctor",
    description = {
      "Describes this machine and tests the backends on it.",
      "Runs the built-in models with each backend and compares tokens and matches: those of the",
      "backends with each other, and those of --device with the CPU's. Exit status 1 if anything",
      "differs or fails. With --model also how that would run here; nothing of it is loaded.",
      "With --published a model is loaded instead, and compared with what is published of it."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 doctor --model Salesforce/blip2-opt-2.7b",
      "  blip2 doctor --published --model Salesforce/blip2-opt-2.7b --beach demo.jpg"
    })
@SuppressWarnings("NullAway.Init")
final class DoctorCommand implements Callable<Integer> {
  private static final String OK = "ok";

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(
      names = "--published",
      description = "Compare --model with the expectations of the reference's own tests.")
  boolean published;

  @Option(
      names = "--beach",
      paramLabel = "FILE",
      description = "With --published: demo.jpg of hf-internal-testing/blip-test-image.")
  @Nullable String beach;

  @Option(
      names = "--cats",
      paramLabel = "FILE",
      description = "With --published: 000000039769.jpg of COCO val2017.")
  @Nullable String cats;

  @Option(names = "--json", description = "Print one JSON object.")
  boolean json;

  private final Published known;
  private final ObjectNode report = Output.MAPPER.createObjectNode();
  private PrintWriter out;

  DoctorCommand() {
    this(Published.known());
  }

  /** With other expectations. */
  DoctorCommand(Published known) {
    this.known = known;
  }

  @Override
  public Integer call() {
    out = spec.commandLine().getOut();
    model.check();
    int status = published ? published() : examined();
    if (json) {
      out.println(report);
    }
    out.flush();
    return status;
  }

  private int examined() {
    for (MachineReport.Fact fact : MachineReport.of(Blip2.defaultCacheDirectory())) {
      say("machine", fact.name(), fact.value());
    }
    int status = 0;
    if (model.model != null) {
      status |= plan();
    }
    return status | selfTest();
  }

  /** How a model would run here. */
  private int plan() {
    try {
      model.plan().forEach(d -> say("plan", d.part(), d.line().substring(d.part().length() + 2)));
      return 0;
    } catch (Blip2Exception e) {
      say("plan", "cannot run", String.valueOf(e.getMessage()));
      return Faults.FAILED;
    }
  }

  private int selfTest() {
    Device checked = Device.parse(model.device.equals("auto") ? "cpu" : model.device);
    List<Device> places =
        checked.equals(Device.CPU) ? List.of(checked) : List.of(Device.CPU, checked);
    @Nullable SelfCheck expected = null;
    int status = 0;
    for (String backend : MachineReport.installed().stream().map(Backend::id).toList()) {
      for (Device place : places) {
        String verdict;
        try {
          String heading = "plan of " + backend + " on " + place + ":";
          PlanPrinter plans = new PlanPrinter(heading, spec.commandLine().getErr());
          SelfCheck found = SelfCheck.of(backend, place, plans);
          expected = Objects.requireNonNullElse(expected, found);
          verdict = found.differenceFrom(expected).orElse(OK);
        } catch (Blip2Exception e) {
          verdict = String.valueOf(e.getMessage());
        }
        status = verdict.equals(OK) ? status : Faults.FAILED;
        say("self-test", backend + " on " + place, verdict);
      }
    }
    return status;
  }

  private int published() {
    if (model.model == null) {
      throw new IllegalArgumentException("--published: expected --model too, found none");
    }
    List<JsonNode> checks = known.of(model.model);
    Map<String, ImageInput> images = new LinkedHashMap<>();
    put("beach", beach, images);
    put("cats", cats, images);
    int status = 0;
    try (Blip2 blip2 = model.loadAny(spec.commandLine().getErr(), Capability.GENERATE)) {
      PublishedCheck check = new PublishedCheck(blip2, images);
      int made = 0;
      for (JsonNode one : checks) {
        if (check.possible(one)) {
          PublishedCheck.Verdict verdict = check.run(one);
          say("published", verdict.name(), Objects.requireNonNullElse(verdict.difference(), OK));
          status = verdict.difference() == null ? status : Faults.FAILED;
          made++;
        }
      }
      say("published", "checks", made + " of " + checks.size() + " made");
    }
    return status;
  }

  /** Images belong to others and cannot come with the program. */
  private void put(String name, @Nullable String file, Map<String, ImageInput> images) {
    if (file != null) {
      Inputs inputs = Inputs.withoutStandardInput();
      inputs.require(file);
      images.put(name, inputs.image(file));
    } else {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "checks of image "
              + name
              + " are left out: --"
              + name
              + " FILE makes them, with "
              + known.images().get(name));
      err.flush();
    }
  }

  private void say(String part, String name, String value) {
    if (json) {
      report.withObjectProperty(part).put(name, value);
    } else {
      out.println(name + ": " + value);
      out.flush();
    }
  }
}
