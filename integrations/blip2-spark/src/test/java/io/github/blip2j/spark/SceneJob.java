package io.github.blip2j.spark;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Captions of drawn scenes, by a single process and by a cluster, which writes them to files and of
 * which an executor may be killed on the way.
 *
 * @param scenes how many
 * @param partitions tasks of the cluster
 */
record SceneJob(int scenes, int partitions) {
  /** A task takes longer than this: what is killed then is in the midst of it. */
  private static final int INTO_THE_TASK_MILLIS = 100;

  /**
   * What came of it.
   *
   * @param rows read back from the files: id, result, error
   * @param took from the job's start until all files were committed
   * @param tasks what Spark told of them
   */
  record Result(List<Row> rows, Duration took, TaskLog tasks) {
    /** What is wrong with rows that should be these texts, each once; empty if nothing is. */
    List<String> faults(Map<Integer, String> expected) {
      Map<Integer, String> open = new HashMap<>(expected);
      List<String> faults = new ArrayList<>();
      for (Row row : rows) {
        String text = open.remove(row.getInt(0)); // null the second time
        if (text == null || !text.equals(row.getString(1)) || row.getString(2) != null) {
          faults.add("wrong or twice: " + row + ", expected " + text);
        }
      }
      open.forEach((id, text) -> faults.add("missing: " + id + ", expected " + text));
      return faults;
    }
  }

  /** The texts that one thread of this process writes, by their scenes' numbers. */
  Map<Integer, String> alone() {
    Map<Integer, String> texts = new HashMap<>();
    try (Blip2 blip2 = Blip2.builder().model(DemoModel.captioner()).threads(1).load()) {
      for (int i = 0; i < scenes; i++) {
        texts.put(i, blip2.caption(ImageSource.of(Scenes.drawn(i))).text());
      }
    }
    return texts;
  }

  /**
   * Runs it on a cluster whose executors have loaded their models.
   *
   * @param kill whether an executor is killed in the midst of a task, once others have ended
   * @param out a folder that is not there yet
   */
  Result run(SparkSession spark, boolean kill, Path out) throws Exception {
    Blip2Transformer captions = new Blip2Transformer().setModel(DemoModel.captioner().toString());
    captions.transform(Scenes.drawn(spark, 8, 4)).collectAsList();
    Dataset<Row> rows = Scenes.drawn(spark, scenes, partitions);
    TaskLog tasks = new TaskLog(partitions, Math.max(1, partitions / 4));
    spark.sparkContext().addSparkListener(tasks);
    CompletableFuture<Void> killer =
        kill ? tasks.busy().thenAcceptAsync(SceneJob::kill) : CompletableFuture.allOf();
    Instant start = Instant.now();
    captions
        .transform(rows)
        .selectExpr("id", "result", "error")
        .write()
        .parquet(out.toUri().toString());
    Duration took = Duration.between(start, Instant.now());
    killer.get(1, TimeUnit.MINUTES);
    spark.sparkContext().listenerBus().waitUntilEmpty();
    spark.sparkContext().removeSparkListener(tasks);
    return new Result(spark.read().parquet(out.toUri().toString()).collectAsList(), took, tasks);
  }

  private static void kill(String executor) {
    try {
      TimeUnit.MILLISECONDS.sleep(INTO_THE_TASK_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    LocalCluster.executor(executor).destroyForcibly();
  }
}
