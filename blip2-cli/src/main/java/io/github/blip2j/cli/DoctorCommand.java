package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.Device;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 doctor}: whether the backends work here, and a device gives the CPU's tokens. */
@Command(
    name = "doctor",
    description = {
      "Runs the built-in model with each backend and compares tokens.",
      "Those of the backends with each other, and those of a device with the CPU's. Exit status 1 if",
      "anything differs or fails."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class DoctorCommand implements Callable<Integer> {
  private static final List<String> PROMPTS =
      List.of(
          "",
          "Question: how many shapes are there? Answer:",
          "Question: what color is it? Answer:");

  @Spec CommandSpec spec;

  @Option(names = "--device", description = "cpu or cuda:N (default: cpu).")
  String device = "cpu";

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path model = DemoModel.captioner();
    Device checked = Device.parse(device);
    List<List<Integer>> expected = List.of();
    int status = 0;
    for (String backend : List.of("onnx", "djl")) {
      for (Device place :
          checked.equals(Device.CPU) ? List.of(checked) : List.of(Device.CPU, checked)) {
        String label = backend + " on " + place;
        try {
          List<List<Integer>> found = tokens(model, backend, place);
          expected = expected.isEmpty() ? found : expected;
          boolean same = found.equals(expected);
          out.println(
              label + ": " + (same ? "well" : "other tokens: " + found + ", not " + expected));
          status = same ? status : 1;
        } catch (Blip2Exception e) {
          out.println(label + ": " + e.getMessage());
          status = 1;
        }
        out.flush();
      }
    }
    return status;
  }

  /** In the precision that is usual there: float32 on a processor, float16 on a card. */
  private static List<List<Integer>> tokens(Path model, String backend, Device device) {
    try (Blip2 blip2 = Blip2.builder().model(model).backend(backend).device(device).load()) {
      EncodedImage image = blip2.encode(ImageSource.of(scene()));
      return PROMPTS.stream()
          .map(
              p ->
                  new GenerationRequest(
                      image, p.isEmpty() ? null : p, GenerationOptions.defaults()))
          .map(r -> blip2.generate(List.of(r)).get(0).get(0))
          .map(GeneratedText::tokenIds)
          .toList();
    }
  }

  /** A red circle and a blue square on white: the built-in model's world. */
  private static BufferedImage scene() {
    BufferedImage picture = new BufferedImage(224, 224, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setColor(new Color(248, 248, 248));
    pen.fillRect(0, 0, 224, 224);
    pen.setColor(new Color(210, 40, 40));
    pen.fillOval(20, 80, 70, 70);
    pen.setColor(new Color(45, 75, 215));
    pen.fillRect(130, 60, 64, 64);
    pen.dispose();
    return picture;
  }
}
