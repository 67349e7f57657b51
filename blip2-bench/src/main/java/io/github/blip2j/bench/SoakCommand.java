package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.GenerationOptions;
import io.github.blip2j.ImageSource;
import io.github.blip2j.checkpoint.DType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench soak}: pictures, conversations that end anywhere, forks, ranked answers, and
 * caches that are always too small, for some minutes; what the process holds is written down each
 * second and drawn.
 */
@Command(
    name = "soak",
    description = "Uses a model for minutes and draws the memory that it holds.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SoakCommand implements Callable<Integer> {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 300;
  private static final double LEAST = 0.2; // minutes

  @Spec CommandSpec spec;

  @Option(names = "--out", required = true, description = "Directory for soak.csv and soak.svg.")
  Path out;

  @Option(names = "--model", description = "Checkpoint directory (default: a narrow one).")
  @Nullable Path model;

  @Option(names = "--backend", description = "onnx or djl (default: the best here).")
  @Nullable String backend;

  @Option(names = "--minutes", description = "Default: ${DEFAULT-VALUE}.")
  double minutes = 5;

  private final SplittableRandom random = new SplittableRandom(17);

  /** What the process held so many seconds after the start, in bytes, and rounds done by then. */
  private record Sample(double seconds, long anonymous, int rounds) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter print = spec.commandLine().getOut();
    if (minutes < LEAST) {
      throw new IllegalArgumentException("--minutes (" + minutes + ") must be at least " + LEAST);
    }
    Files.createDirectories(out);
    Path directory = model;
    if (directory == null) {
      directory = out.resolve("narrow");
      new RandomCheckpoint(DType.F32, 3).write(LoadedState.NARROW, directory);
    }
    var builder = Blip2.builder().model(directory).imageCache(2_000).prefixCache(100_000);
    if (backend != null) {
      builder.backend(backend);
    }
    List<Sample> samples = new ArrayList<>();
    try (Blip2 blip2 = builder.load()) {
      long start = System.nanoTime();
      double seconds = 0;
      int rounds = 0;
      while (seconds < 60 * minutes) {
        round(blip2);
        rounds++;
        seconds = (System.nanoTime() - start) / 1e9;
        if (samples.size() <= seconds) {
          samples.add(new Sample(seconds, ProcessMemory.now().anonymous(), rounds));
        }
      }
    }
    write(samples);
    print.println(summary(samples));
    print.flush();
    return 0;
  }

  private String summary(List<Sample> samples) {
    int quarter = samples.size() / 4;
    return String.format(
        Locale.ROOT,
        "%d rounds in %.0f s; private memory in quarters of the time: %.0f, %.0f, %.0f, %.0f MB; %s",
        samples.get(samples.size() - 1).rounds(),
        samples.get(samples.size() - 1).seconds(),
        mean(samples.subList(0, quarter)) / 1e6,
        mean(samples.subList(quarter, 2 * quarter)) / 1e6,
        mean(samples.subList(2 * quarter, 3 * quarter)) / 1e6,
        mean(samples.subList(3 * quarter, samples.size())) / 1e6,
        out.resolve("soak.svg"));
  }

  private static double mean(List<Sample> samples) {
    return samples.stream().mapToLong(Sample::anonymous).average().orElse(0);
  }

  private void round(Blip2 blip2) {
    ImageSource picture = ImageSource.of(noise());
    GenerationOptions few = GenerationOptions.builder().maxNewTokens(8).build();
    blip2.captioner().withOptions(few).caption(picture);
    blip2.rank(picture, "a photo of", List.of("cats", "a cat", "dogs"));
    try (ChatSession chat = blip2.chat(picture)) {
      for (int turn = random.nextInt(3); turn > 0; turn--) {
        chat.ask("what is it?");
      }
      try (ChatSession fork = chat.fork();
          Generation answer = fork.askStreaming("where is it?")) {
        for (int piece = random.nextInt(4); piece > 0 && answer.hasNext(); piece--) {
          answer.next();
        }
      }
    }
  }

  private BufferedImage noise() {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  private void write(List<Sample> samples) throws IOException {
    StringBuilder table = new StringBuilder("seconds,private_bytes,rounds\n");
    StringBuilder points = new StringBuilder();
    long most = samples.stream().mapToLong(Sample::anonymous).max().orElse(1);
    double last = samples.get(samples.size() - 1).seconds();
    for (Sample s : samples) {
      table.append(format("%.1f,%d,%d%n", s.seconds(), s.anonymous(), s.rounds()));
      double x = WIDTH * s.seconds() / last;
      double y = HEIGHT * (1 - (double) s.anonymous() / most);
      points.append(format("%.1f,%.1f ", x, y));
    }
    Files.writeString(out.resolve("soak.csv"), table);
    Files.writeString(
        out.resolve("soak.svg"),
        format(
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -30 %d %d" font-family="sans-serif">
            <text y="-10">private memory, 0 to %.0f MB, over %.0f s</text>
            <path d="M0 0V%d H%d" stroke="gray" fill="none"/>
            <polyline points="%s" stroke="black" fill="none"/>
            </svg>
            """,
            WIDTH + 20, HEIGHT + 40, most / 1e6, last, HEIGHT, WIDTH, points));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
