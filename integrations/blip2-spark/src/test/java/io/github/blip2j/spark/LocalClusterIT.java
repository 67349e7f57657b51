package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Two executors, each a process of its own with a model of its own, and a row for each row. */
class LocalClusterIT {
  private static final int SCENES = 40;

  @Test
  void executorsWriteWhatASingleProcessWrites() throws IOException {
    try (SparkSession spark = LocalCluster.start(2);
        Blip2 alone = Blip2.load(DemoModel.captioner())) {
      List<Row> rows =
          new Blip2Transformer()
              .setModel(DemoModel.captioner().toString())
              .transform(Scenes.drawn(spark, SCENES, 4))
              .selectExpr("id", "result", "error", "spark_partition_id()")
              .collectAsList();
      assertThat(LocalCluster.executors()).hasSize(2);
      Set<Integer> seen = new HashSet<>();
      for (Row row : rows) {
        int id = row.getInt(0);
        assertThat(seen.add(id)).as("row %d comes once", id).isTrue();
        assertThat(row.getString(2)).isNull();
        assertThat(row.getString(1))
            .isEqualTo(alone.caption(ImageSource.of(Scenes.drawn(id))).text());
      }
      assertThat(seen).hasSize(SCENES);
    }
  }
}
