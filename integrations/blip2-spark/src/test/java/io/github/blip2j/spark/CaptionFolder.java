package io.github.blip2j.spark;

import io.github.blip2j.demo.DemoModel;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** The sample: captions of a folder's images. {@code integrations/run spark [folder]} starts it. */
public final class CaptionFolder {
  private CaptionFolder() {}

  /**
   * Prints the captions.
   *
   * @param args a folder of images; the repository's samples if left out
   */
  public static void main(String[] args) throws IOException {
    Path folder = args.length > 0 ? Path.of(args[0]).toAbsolutePath() : Scenes.folder();
    try (SparkSession spark =
        SparkSession.builder().master("local[*]").config("spark.ui.enabled", false).getOrCreate()) {
      new Blip2Transformer()
          .setModel(DemoModel.captioner().toString())
          .transform(spark.read().format("binaryFile").load(folder.toUri().toString()))
          .selectExpr("substring_index(path, '/', -1) as image", "result", "error")
          .orderBy("image")
          .show(100, false);
    }
  }
}
