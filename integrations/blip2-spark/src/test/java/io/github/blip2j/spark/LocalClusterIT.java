package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors, each a process of its own with a model of its own, and a row for each row. */
class LocalClusterIT {
  /** A task of twenty scenes takes half a second and more. */
  private static final SceneJob JOB = new SceneJob(160, 8);

  @Test
  void executorsWriteWhatASingleProcessWritesThoughOneIsKilled(@TempDir Path folder)
      throws Exception {
    try (SparkSession spark = LocalCluster.start(2)) {
      SceneJob.Result result = JOB.run(spark, true, folder.resolve("captions"));
      assertThat(result.tasks().lost()).as("tasks that were lost with the executor").isPositive();
      assertThat(result.rows()).hasSize(JOB.scenes());
      assertThat(result.faults(JOB.alone())).isEmpty();
    }
  }
}
