package io.github.blip2j.spark;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.search.Blip2Index;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What {@code docs/spark.md} says of indexes; a test runs it and compares it with the page. */
final class IndexRecipes {
  private IndexRecipes() {}

  static void fillShards(Dataset<Row> images, String model, String shards) {
    ForeachPartitionFunction<Row> fill =
        rows -> {
          Path shard = Path.of(shards, "shard-" + TaskContext.getPartitionId());
          try (Blip2 matcher = Blip2.load(Path.of(model));
              Blip2Index index = Blip2Index.open(shard, matcher)) {
            while (rows.hasNext()) {
              Row row = rows.next();
              ImageSource image = ImageSource.of(row.<byte[]>getAs("content"));
              index.addImage(row.getAs("path"), image, Map.of());
            }
            index.commit();
          }
        };
    images.foreachPartition(fill);
  }

  static void toParquet(SparkSession spark, String lines, String folder) {
    spark
        .read()
        .schema("image string, fields map<string, string>, vectors array<array<float>>")
        .json(lines)
        .write()
        .parquet(folder);
  }
}
