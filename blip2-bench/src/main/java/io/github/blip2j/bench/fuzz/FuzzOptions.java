package io.github.blip2j.bench.fuzz;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What a campaign and its workers are told. */
@SuppressWarnings("NullAway.Init")
final class FuzzOptions {
  @Option(
      names = "--corpus",
      required = true,
      description = "Directory of whole files: images, image-files, odd-images, tiny-opt, ...")
  Path corpus;

  @Option(
      names = "--out",
      defaultValue = "fuzz-findings",
      description = "Directory for files that fail, made smaller (default: ${DEFAULT-VALUE}).")
  Path out;

  @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
  long seed = 1;

  @Option(
      names = "--backend",
      defaultValue = "onnx",
      description = "Where models are needed (default: ${DEFAULT-VALUE}).")
  String backend;

  /** The same options for a worker's command line. */
  List<String> arguments() {
    return new ArrayList<>(
        List.of(
            "--corpus",
            corpus.toString(),
            "--out",
            out.toString(),
            "--seed",
            Long.toString(seed),
            "--backend",
            backend));
  }
}
