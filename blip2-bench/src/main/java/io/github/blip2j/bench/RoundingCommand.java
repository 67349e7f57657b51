package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageSource;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code blip2-bench rounding}: what a precision of the image stages costs and saves. */
@Command(
    name = "rounding",
    description = {
      "Encodes an image in float32 and in --precision, in turn.",
      "Prints the relative error of the Q-Former's output, and the median times."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class RoundingCommand implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Mixin ModelOptions model;

  @Option(names = "--runs", description = "After one to warm up (default: ${DEFAULT-VALUE}).")
  int runs = 5;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ImageSource image = ImageSource.of(model.image);
    try (Blip2 exact =
            model.builder().precisions(Precisions.parse("float32,float32,float32")).load();
        Blip2 rounded = model.load()) {
      double error = error(exact.encode(image), rounded.encode(image));
      double[] before = new double[runs];
      double[] after = new double[runs];
      for (int run = 0; run < runs; run++) {
        before[run] = seconds(exact, image);
        after[run] = seconds(rounded, image);
      }
      out.printf(
          Locale.ROOT,
          "%s %s: error %.2f %%; float32 %.3f s, this %.3f s%n",
          rounded.backend(),
          model.precision,
          100 * error,
          median(before),
          median(after));
      out.flush();
    }
    return 0;
  }

  /** Root of the squared differences' sum over that of the squares' of the projected queries. */
  static double error(EncodedImage exact, EncodedImage rounded) {
    double square = 0;
    double difference = 0;
    float[][] expected = exact.projected();
    float[][] found = rounded.projected();
    for (int query = 0; query < expected.length; query++) {
      for (int i = 0; i < expected[query].length; i++) {
        square += Math.pow(expected[query][i], 2);
        difference += Math.pow(expected[query][i] - found[query][i], 2);
      }
    }
    return Math.sqrt(difference / square);
  }

  private static double seconds(Blip2 blip2, ImageSource image) {
    long start = System.nanoTime();
    blip2.encode(image);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
