package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.Blip2Builder;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the built-in models say of one image, by one backend on one device.
 *
 * @param tokens those of the model that writes, a list for each prompt
 * @param matches what the model that matches says of each text
 */
record SelfCheck(List<List<Integer>> tokens, List<Match> matches) {
  private static final List<String> PROMPTS =
      List.of(
          "",
          "Question: how many shapes are there? Answer:",
          "Question: what color is it? Answer:");
  private static final List<String> TEXTS =
      List.of("a red circle and a blue square", "a blue square", "three green triangles");

  /** How far float16 may be from float32; between backends in float32 it is a hundredth of it. */
  private static final double TOLERANCE = 0.02;

  /** In the precision that is usual there: float32 on a processor, float16 on a GPU. */
  static SelfCheck of(String backend, Device device, LoadListener listener) {
    Blip2Builder builder = Blip2.builder().backend(backend).device(device).listener(listener);
    ImageSource scene = ImageSource.of(scene());
    return new SelfCheck(
        with(builder.model(DemoModel.captioner()), blip2 -> tokens(blip2, blip2.encode(scene))),
        with(builder.model(DemoModel.matcher()), blip2 -> blip2.matcher().match(scene, TEXTS)));
  }

  private static <T> T with(Blip2Builder builder, Function<Blip2, T> task) {
    try (Blip2 blip2 = builder.load()) {
      return task.apply(blip2);
    }
  }

  private static List<List<Integer>> tokens(Blip2 blip2, EncodedImage image) {
    return PROMPTS.stream()
        .map(
            p -> new GenerationRequest(image, p.isEmpty() ? null : p, GenerationOptions.defaults()))
        .map(r -> blip2.generate(List.of(r)).get(0).get(0))
        .map(GeneratedText::tokenIds)
        .toList();
  }

  /** In which way this is not what was expected; empty if it is. */
  Optional<String> differenceFrom(SelfCheck expected) {
    if (!tokens.equals(expected.tokens)) {
      return Optional.of("other tokens: " + tokens + ", not " + expected.tokens);
    }
    for (int i = 0; i < matches.size(); i++) {
      Match found = matches.get(i);
      Match other = expected.matches.get(i);
      if (!(near(found.itmProbability(), other.itmProbability())
          && near(found.itcSimilarity(), other.itcSimilarity()))) {
        return Optional.of(
            "another match of \"" + TEXTS.get(i) + "\": " + found + ", not " + other);
      }
    }
    return Optional.empty();
  }

  /** Not so of NaN. */
  private static boolean near(double found, double expected) {
    return Math.abs(found - expected) <= TOLERANCE;
  }

  /** A red circle and a blue square on white: the built-in models' world. */
  private static BufferedImage scene() {
    BufferedImage image = new BufferedImage(224, 224, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(new Color(248, 248, 248));
    pen.fillRect(0, 0, 224, 224);
    pen.setColor(new Color(210, 40, 40));
    pen.fillOval(20, 80, 70, 70);
    pen.setColor(new Color(45, 75, 215));
    pen.fillRect(130, 60, 64, 64);
    pen.dispose();
    return image;
  }
}
