package io.github.blip2j.cli;

import picocli.CommandLine.Parameters;

/** The image of a command that is about one. */
@SuppressWarnings("NullAway.Init")
final class ImageArgument {
  @Parameters(index = "0", paramLabel = "IMAGE", description = "The image: " + Inputs.KINDS + ".")
  String name;

  /**
   * Looks for all that can be wrong with it and with the model's options before a model is loaded.
   *
   * @return where the image is read from
   * @throws io.github.blip2j.core.UnreadableImageException if there is no such image
   * @throws IllegalArgumentException if it, or an option, is wrong
   */
  Inputs inputs(ModelOptions model) {
    model.check();
    Inputs inputs = Inputs.withStandardInput();
    inputs.require(name);
    return inputs;
  }
}
