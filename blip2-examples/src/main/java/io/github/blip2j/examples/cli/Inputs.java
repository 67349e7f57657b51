package io.github.blip2j.examples.cli;

import io.github.blip2j.EncodedImage;
import io.github.blip2j.ImageInput;
import io.github.blip2j.ImageSource;
import java.nio.file.Path;
import java.util.Locale;

/** Pictures as users name them. */
final class Inputs {
  private static final String ENCODED = ".safetensors";

  private Inputs() {}

  /** A picture file, or what {@code blip2 encode} made of one. */
  static ImageInput image(String text) {
    Path path = Output.path(text);
    return text.toLowerCase(Locale.ROOT).endsWith(ENCODED)
        ? EncodedImage.load(path)
        : ImageSource.of(path);
  }
}
