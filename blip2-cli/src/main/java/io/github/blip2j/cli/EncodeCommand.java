package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 encode IMAGE --out FILE} */
@Command(
    name = "encode",
    description = {
      "Encodes an image into a .safetensors file.",
      "Every command takes that in place of the image with the same model, without encoding again."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 encode --model DIR --output photo.safetensors photo.jpg"})
@SuppressWarnings("NullAway.Init")
final class EncodeCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin ImageArgument image;

  @Option(
      names = {"--output", "--out"},
      required = true,
      paramLabel = "FILE",
      description = "File to write.")
  Path out;

  @Option(names = "--json", description = "Print a JSON object that names the file.")
  boolean json;

  @Override
  public Integer call() {
    Inputs inputs = image.inputs(model);
    if (Files.exists(out) && !Files.isRegularFile(out)) {
      throw new IllegalArgumentException(
          "--output (" + out + ") must be a file, but is something else");
    }
    try (Blip2 blip2 = model.loadAny(spec.commandLine().getErr(), Capability.GENERATE)) {
      blip2.encode(inputs.image(image.name)).save(out);
    }
    if (json) {
      PrintWriter results = spec.commandLine().getOut();
      ObjectNode node = Output.MAPPER.createObjectNode();
      results.println(node.put("image", Inputs.name(image.name)).put("output", out.toString()));
      results.flush();
    }
    return 0;
  }
}
