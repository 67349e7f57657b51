package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.ImageProcessorConfig;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.internal.image.ImageProcessor;
import io.github.blip2j.internal.image.ImageReader;
import io.github.blip2j.internal.image.raster.RgbImage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench preprocess}: from a file to the vision encoder's input. */
@Command(
    name = "preprocess",
    description = "Reads, resizes and normalises an image; peers/preprocess.py compares.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class PreprocessCommand implements Callable<Integer> {
  private static final int WARM_UP = 10;

  @Spec CommandSpec spec;

  @Option(names = "--image", required = true, description = "An image.")
  Path image;

  @Option(names = "--runs", description = "Default: ${DEFAULT-VALUE}.")
  int runs = 9;

  @Override
  public Integer call() {
    ImageProcessor processor = published();
    ImageReader reader = new ImageReader();
    double[] total = new double[runs];
    double[] reading = new double[runs];
    double sum = 0;
    for (int run = -WARM_UP; run < runs; run++) {
      long start = System.nanoTime();
      RgbImage pixels = reader.read(ImageSource.of(image), ImageOptions.defaults());
      long read = System.nanoTime();
      sum += processor.process(pixels)[0];
      if (run >= 0) {
        total[run] = (System.nanoTime() - start) / 1e6;
        reading[run] = (read - start) / 1e6;
      }
    }
    Arrays.sort(total);
    Arrays.sort(reading);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "blip2: %.1f ms an image, reading it %.1f of them (medians of %d; checksum %.3f)%n",
            total[runs / 2],
            reading[runs / 2],
            runs,
            sum);
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** As the published checkpoints prepare images. */
  static ImageProcessor published() {
    return new ImageProcessor(
        new ImageProcessorConfig(
            true,
            224,
            224,
            3,
            true,
            1 / 255d,
            true,
            List.of(0.48145466f, 0.4578275f, 0.40821073f),
            List.of(0.26862954f, 0.26130258f, 0.27577711f)));
  }
}
