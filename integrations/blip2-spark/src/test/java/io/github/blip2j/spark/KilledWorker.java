package io.github.blip2j.spark;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The campaign: scenes through a cluster of one worker, of two, and of two of which one executor is
 * killed in the middle of the job. Every row must come once, with the text that a single process
 * writes. {@code integrations/run spark-campaign [scenes]} starts it.
 */
public final class KilledWorker {
  private static final int PARTITIONS = 20;

  private KilledWorker() {}

  /**
   * Runs it and prints what was measured; ends with 1 if a row is missing, twice or different.
   *
   * @param args number of scenes; 2000 if left out
   */
  public static void main(String[] args) throws Exception {
    int scenes = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
    Path out = Files.createTempDirectory("blip2-spark");
    Map<Integer, String> expected = alone(scenes);
    int wrong = 0;
    for (Run run : Run.values()) {
      wrong += run(run, scenes, out.resolve(run.name()), expected);
    }
    System.exit(wrong == 0 ? 0 : 1);
  }

  private enum Run {
    ONE_WORKER,
    TWO_WORKERS,
    ONE_OF_TWO_KILLED
  }

  private static Map<Integer, String> alone(int scenes) {
    Map<Integer, String> texts = new HashMap<>();
    try (Blip2 blip2 = Blip2.builder().model(DemoModel.captioner()).threads(1).load()) {
      blip2.caption(ImageSource.of(Scenes.drawn(0)));
      Instant start = Instant.now();
      for (int i = 0; i < scenes; i++) {
        texts.put(i, blip2.caption(ImageSource.of(Scenes.drawn(i))).text());
      }
      report("a single process, one thread", scenes, Duration.between(start, Instant.now()));
    }
    return texts;
  }

  private static void report(String what, int scenes, Duration took) {
    double seconds = took.toNanos() / 1e9;
    System.out.printf(
        Locale.ROOT, "%-30s %6.1f s  %7.1f images/s%n", what, seconds, scenes / seconds);
  }

  private static int run(Run run, int scenes, Path out, Map<Integer, String> expected)
      throws Exception {
    try (SparkSession spark = LocalCluster.start(run == Run.ONE_WORKER ? 1 : 2)) {
      Blip2Transformer captions = new Blip2Transformer().setModel(DemoModel.captioner().toString());
      captions
          .transform(Scenes.drawn(spark, 2 * 4, 4))
          .collectAsList(); // executors are up, models loaded
      CompletableFuture<Void> killer = run == Run.ONE_OF_TWO_KILLED ? killSoon(out) : null;
      Instant start = Instant.now();
      captions
          .transform(Scenes.drawn(spark, scenes, PARTITIONS))
          .selectExpr("id", "result", "error")
          .write()
          .parquet(out.toUri().toString());
      report(run.name(), scenes, Duration.between(start, Instant.now()));
      if (killer != null) {
        killer.get(1, TimeUnit.MINUTES);
      }
      return check(spark.read().parquet(out.toUri().toString()).collectAsList(), expected);
    }
  }

  /** Kills an executor once a task of the job has been committed or is about to be. */
  private static CompletableFuture<Void> killSoon(Path out) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            while (!Files.exists(out.resolve("_temporary"))) {
              TimeUnit.MILLISECONDS.sleep(20);
            }
            TimeUnit.MILLISECONDS.sleep(1500);
            ProcessHandle victim = LocalCluster.executors().get(0);
            System.out.println("killed executor " + victim.pid() + ": " + victim.destroyForcibly());
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static int check(List<Row> rows, Map<Integer, String> expected) {
    Map<Integer, String> open = new HashMap<>(expected);
    int wrong = 0;
    for (Row row : rows) {
      String text = open.remove(row.getInt(0)); // null the second time
      if (text == null || !text.equals(row.getString(1)) || row.getString(2) != null) {
        System.out.println("wrong or twice: " + row + ", expected " + text);
        wrong++;
      }
    }
    System.out.println(
        rows.size() + " rows, " + wrong + " wrong or twice, " + open.size() + " missing");
    return wrong + open.size();
  }
}
