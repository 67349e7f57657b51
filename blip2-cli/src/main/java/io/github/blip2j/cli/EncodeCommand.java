package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code blip2 encode PICTURE --out FILE} */
@Command(
    name = "encode",
    description = {
      "Encodes a picture into a .safetensors file.",
      "Every command takes that in place of the picture with the same model, without encoding again."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class EncodeCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  Path out;

  @Parameters(paramLabel = "PICTURE", description = "The image: " + Inputs.KINDS + ".")
  String picture;

  @Override
  public Integer call() {
    model.check();
    Inputs inputs = Inputs.withStandardInput();
    inputs.require(picture);
    if (Files.exists(out) && !Files.isRegularFile(out)) {
      throw new IllegalArgumentException(
          "--out (" + out + ") must be a file, but is something else");
    }
    try (Blip2 blip2 = model.loadAny(spec.commandLine().getErr(), Capability.GENERATE)) {
      blip2.encode(inputs.image(picture)).save(out);
    }
    return 0;
  }
}
