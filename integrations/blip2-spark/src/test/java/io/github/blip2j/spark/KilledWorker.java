package io.github.blip2j.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * The campaign: scenes through a cluster of one worker, of two, and of two of which one executor is
 * killed in the midst of a task. Every row must come once, with the text that a single process
 * writes. {@code integrations/run spark-campaign [scenes]} starts it.
 */
public final class KilledWorker {
  private static final int PARTITIONS = 20;

  private KilledWorker() {}

  /**
   * Runs it and prints what was measured; ends with 1 if a row is missing, twice or different, or
   * if nothing was lost with the executor.
   *
   * @param args number of scenes; 2000 if left out
   */
  public static void main(String[] args) throws Exception {
    int scenes = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
    Path out = Files.createTempDirectory("blip2-spark");
    SceneJob job = new SceneJob(scenes, PARTITIONS);
    new SceneJob(50, 1).alone(); // compiles what is hot
    Instant start = Instant.now();
    Map<Integer, String> expected = job.alone();
    report("a single process, one thread", scenes, Duration.between(start, Instant.now()));
    boolean sound = true;
    for (Run run : Run.values()) {
      try (SparkSession spark = LocalCluster.start(run == Run.ONE_WORKER ? 1 : 2)) {
        boolean kill = run == Run.ONE_OF_TWO_KILLED;
        SceneJob.Result result = job.run(spark, kill, out.resolve(run.name()));
        report(run.name(), scenes, result.took());
        sound &= told(result, expected) && kill == result.tasks().lost() > 0;
      }
    }
    System.exit(sound ? 0 : 1);
  }

  private enum Run {
    ONE_WORKER,
    TWO_WORKERS,
    ONE_OF_TWO_KILLED
  }

  private static void report(String what, int scenes, Duration took) {
    double seconds = took.toNanos() / 1e9;
    System.out.printf(
        Locale.ROOT, "%-30s %6.1f s  %7.1f images/s%n", what, seconds, scenes / seconds);
  }

  private static boolean told(SceneJob.Result result, Map<Integer, String> expected) {
    List<String> faults = result.faults(expected);
    faults.forEach(System.out::println);
    System.out.printf(
        Locale.ROOT,
        "  %d rows, %d faults; tasks: %d lost, ran %.1f s, %.1f s on a core%n",
        result.rows().size(),
        faults.size(),
        result.tasks().lost(),
        result.tasks().runSeconds(),
        result.tasks().cpuSeconds());
    return faults.isEmpty();
  }
}
