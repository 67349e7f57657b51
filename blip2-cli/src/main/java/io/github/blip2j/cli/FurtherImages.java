package io.github.blip2j.cli;

import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Images in one prompt behind the one that a command is about, alike for every command. */
final class FurtherImages {
  @Option(
      names = "--with",
      paramLabel = "IMAGE",
      description = {
        "Another image in the same prompt; may be repeated. The model sees IMAGE first,",
        "then these in their order. Of InstructBLIP, whose kind takes several."
      })
  List<String> names = List.of();

  /** All images of the command, its own first. */
  RequestImages behind(String first) {
    return names.isEmpty()
        ? RequestImages.one(first)
        : RequestImages.together(Stream.concat(Stream.of(first), names.stream()).toList());
  }
}
