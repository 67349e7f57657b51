package io.github.blip2j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.blip2j.Blip2;
import io.github.blip2j.Embedder;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.retrieval.EncodedText;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2 embed [--image IMAGE] [--text TEXT]} */
@Command(
    name = "embed",
    description = {
      "Prints vectors of an image, a text or both as JSON.",
      "Of an image \"queries\" and \"projected\", of a text \"embedding\" and \"features\", of"
          + " both",
      "together \"multimodal\". Texts need a checkpoint such as blip2-itm-vit-g."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  blip2 embed --model Salesforce/blip2-itm-vit-g --image photo.jpg --text \"two cats\""
    })
@SuppressWarnings("NullAway.Init")
final class EmbedCommand implements Callable<Integer> {
  @Spec CommandSpec spec;
  @Mixin ModelOptions model;

  @Option(names = "--image", paramLabel = "IMAGE", description = "The image: " + Inputs.KINDS + ".")
  @Nullable String input;

  @Option(names = "--text", paramLabel = "TEXT", description = "A text.")
  @Nullable String text;

  @Option(names = "--json", description = "Print a JSON object, as without it.")
  boolean json;

  @Override
  public Integer call() {
    if (input == null && text == null) {
      throw new IllegalArgumentException("--image or --text must be given");
    }
    PrintWriter out = spec.commandLine().getOut();
    model.check();
    Inputs inputs = Inputs.withStandardInput();
    if (input != null) {
      inputs.require(input);
    }
    PrintWriter err = spec.commandLine().getErr();
    try (Blip2 blip2 =
        text == null ? model.loadAny(err, Capability.MATCH) : model.load(err, Capability.MATCH)) {
      Embedder embedder = blip2.embedder();
      ObjectNode node = Output.MAPPER.createObjectNode();
      if (input != null) {
        EncodedImage image = embedder.image(inputs.image(input));
        node.put("image", Inputs.name(input));
        put(node.putArray("queries"), image.queries());
        put(node.putArray("projected"), image.projected());
        if (text != null) {
          put(node.putArray("multimodal"), embedder.multimodal(image, text));
        }
      }
      if (text != null) {
        EncodedText encoded = embedder.text(text);
        node.put("text", text);
        put(node.putArray("embedding"), encoded.embedding());
        put(node.putArray("features"), encoded.features());
      }
      out.println(node);
      out.flush();
    }
    return 0;
  }

  private static void put(ArrayNode array, float[][] rows) {
    for (float[] row : rows) {
      put(array.addArray(), row);
    }
  }

  private static void put(ArrayNode array, float[] values) {
    for (float value : values) {
      array.add(value);
    }
  }
}
