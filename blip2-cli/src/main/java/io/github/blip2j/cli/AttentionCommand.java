package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.ImageAttention;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 attention IMAGE} */
@Command(
    name = "attention",
    description = {
      "Shows where the Q-Former looks in an image.",
      "Prints the grid of patches, darker where it looks more; with --json the weights as numbers."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example:", "  blip2 attention --model Salesforce/blip2-opt-2.7b photo.jpg"})
@SuppressWarnings("NullAway.Init")
final class AttentionCommand implements Callable<Integer> {
  /** From least to most, each twice as wide as high, as letters are. */
  private static final String SHADES = " .:-=+*#%@";

  @Spec CommandSpec spec;
  @Mixin ModelOptions model;
  @Mixin ImageArgument image;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description =
          "What the Q-Former reads beside the image: an instruction, or a text that is matched"
              + " (default: none).")
  @Nullable String text;

  @Option(names = "--json", description = "Print a JSON object.")
  boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Inputs inputs = image.inputs(model);
    Capability builtIn = text == null ? Capability.GENERATE : Capability.MATCH;
    try (Blip2 blip2 = model.loadAny(spec.commandLine().getErr(), builtIn)) {
      ImageAttention attention =
          text == null
              ? blip2.attention(inputs.image(image.name))
              : blip2.attention(inputs.image(image.name), text);
      if (json) {
        out.println(whole(attention));
      } else {
        print(out, attention.map());
      }
      out.flush();
    }
    return 0;
  }

  private ObjectNode whole(ImageAttention attention) {
    ObjectNode node = Output.MAPPER.createObjectNode();
    node.put("image", Inputs.name(image.name)).put("text", text);
    put(node.putArray("map"), attention.map());
    ArrayNode layers = node.putArray("layers");
    for (int layer = 0; layer < attention.size().layers(); layer++) {
      put(layers.addArray(), attention.mapOfLayer(layer));
    }
    return node;
  }

  private static void put(ArrayNode rows, float[][] map) {
    for (float[] row : map) {
      ArrayNode cells = rows.addArray();
      for (float cell : row) {
        cells.add(cell);
      }
    }
  }

  private static void print(PrintWriter out, float[][] map) {
    float least = Float.MAX_VALUE;
    float most = 0;
    for (float[] row : map) {
      for (float cell : row) {
        least = Math.min(least, cell);
        most = Math.max(most, cell);
      }
    }
    float range = most > least ? most - least : 1;
    for (float[] row : map) {
      StringBuilder line = new StringBuilder();
      for (float cell : row) {
        char shade = SHADES.charAt(Math.round((cell - least) / range * (SHADES.length() - 1)));
        line.append(shade).append(shade);
      }
      out.println(line);
    }
  }
}
