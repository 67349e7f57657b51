package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Device;
import io.github.blip2j.files.DType;
import io.github.blip2j.search.Blip2Index;
import io.github.blip2j.search.Hit;
import io.github.blip2j.search.SearchOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code blip2-bench search}: an index of made-up images. An image is about three of a thousand
 * topics; each of its 32 vectors is a topic's direction with noise as long as half of it. A query
 * is one of the vectors with noise again.
 */
@Command(
    name = "search",
    description = "Fills an index of made-up images and compares its search with an exact one.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class SearchCommand implements Callable<Integer> {
  private static final int QUERIES = 32;
  private static final int WIDTH = 256;
  private static final int TOPICS = 1000;
  private static final String CHECKPOINT =
      """
      {"model_type": "blip-2", "architectures": ["Blip2ForImageTextRetrieval"],
       "num_query_tokens": 32, "image_text_hidden_size": 256,
       "vision_config": {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 1,
        "num_attention_heads": 4, "image_size": 28},
       "qformer_config": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 4, "vocab_size": 448}}
      """;

  @Spec CommandSpec spec;

  @Option(names = "--out", required = true, description = "Empty directory for the index.")
  Path out;

  @Option(names = "--images", description = "Default: ${DEFAULT-VALUE}.")
  int sources = 20_000;

  @Option(names = "--asked", description = "Queries (default: ${DEFAULT-VALUE}).")
  int asked = 200;

  @Option(
      names = "--candidates",
      split = ",",
      description = "Compared exactly; several numbers are searched with one after another.")
  List<Integer> candidates = List.of(SearchOptions.best(10).candidates());

  private final Random random = new Random(11);

  @Override
  public Integer call() throws IOException {
    PrintWriter print = spec.commandLine().getOut();
    Path model = out.resolve("model");
    new RandomCheckpoint(DType.F32, 1).write(CHECKPOINT, model);
    float[][] topics = new float[TOPICS][];
    Arrays.setAll(topics, i -> direction(new float[WIDTH], 1));
    try (Blip2 blip2 = Blip2.builder().model(model).device(Device.CPU).load();
        Blip2Index index = Blip2Index.open(out.resolve("index"), blip2)) {
      List<float[][]> all = new ArrayList<>();
      for (int i = 0; i < sources; i++) {
        float[][] own = {topic(topics), topic(topics), topic(topics)};
        float[][] vectors = new float[QUERIES][];
        Arrays.setAll(vectors, q -> direction(own[q % own.length], 0.5));
        all.add(vectors);
      }
      long start = System.nanoTime();
      IntStream.range(0, sources)
          .parallel() // on all processors
          .forEach(i -> index.addVectors(Integer.toString(i), all.get(i), Map.of()));
      index.commit();
      print.printf(
          Locale.ROOT,
          "%d images of %d × %d: built and committed in %.0f s, %.2f GB%n",
          sources,
          QUERIES,
          WIDTH,
          (System.nanoTime() - start) / 1e9,
          bytes(out) / 1e9);
      print.flush();
      for (int compared : candidates) {
        search(index, all, compared, print);
      }
    }
    return 0;
  }

  private void search(Blip2Index index, List<float[][]> all, int compared, PrintWriter print) {
    SearchOptions options = SearchOptions.best(10).withCandidates(compared);
    double[] millis = new double[asked];
    int agree = 0;
    int found = 0;
    for (int q = -10; q < asked; q++) { // some to warm up
      float[] query = direction(all.get(random.nextInt(all.size()))[random.nextInt(QUERIES)], 0.5);
      long start = System.nanoTime();
      List<Hit> hits = index.images(query, options);
      double spent = (System.nanoTime() - start) / 1e6;
      if (q >= 0) {
        millis[q] = spent;
        Set<String> ids = new HashSet<>(hits.stream().map(Hit::id).toList());
        Set<String> exact = exact(query, all);
        agree += ids.equals(exact) ? 1 : 0;
        exact.retainAll(ids);
        found += exact.size();
      }
    }
    Arrays.sort(millis);
    print.printf(
        Locale.ROOT,
        "%d queries, %d candidates: median %.1f ms, 95th percentile %.1f ms, largest %.1f ms; the same ten as exact"
            + " search for %.1f %% of them, %.2f %% of all hits%n",
        asked,
        compared,
        millis[asked / 2],
        millis[asked * 95 / 100],
        millis[asked - 1],
        100.0 * agree / asked,
        10.0 * found / asked);
    print.flush();
  }

  private static Set<String> exact(float[] query, List<float[][]> all) {
    double[] scores =
        IntStream.range(0, all.size())
            .parallel()
            .mapToDouble(i -> best(query, all.get(i)))
            .toArray();
    return new HashSet<>(
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(10)
            .map(i -> Integer.toString(i))
            .toList());
  }

  private static double best(float[] query, float[][] vectors) {
    double best = -1;
    for (float[] vector : vectors) {
      float sum = 0;
      for (int i = 0; i < query.length; i++) {
        sum += query[i] * vector[i];
      }
      best = Math.max(best, sum);
    }
    return best;
  }

  private float[] topic(float[][] topics) {
    return topics[random.nextInt(topics.length)];
  }

  /** A vector of length 1 about another, with noise of a length. */
  private float[] direction(float[] about, double noise) {
    double[] vector = new double[about.length];
    double scale = noise / Math.sqrt(about.length);
    double square = 0;
    for (int i = 0; i < vector.length; i++) {
      vector[i] = about[i] + scale * random.nextGaussian();
      square += vector[i] * vector[i];
    }
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / Math.sqrt(square));
    }
    return unit;
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("index"))) {
      return files.mapToLong(f -> f.toFile().length()).sum();
    }
  }
}
