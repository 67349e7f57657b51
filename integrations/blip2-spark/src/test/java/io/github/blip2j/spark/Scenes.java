package io.github.blip2j.spark;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Images for tests: the repository's scenes, and ones that are drawn from a number. */
final class Scenes {
  static final StructType SCHEMA =
      new StructType().add("id", DataTypes.IntegerType).add("content", DataTypes.BinaryType);

  private static final int SIDE = 64;
  private static final Color[] COLOURS = {
    Color.RED, Color.GREEN, Color.BLUE, Color.YELLOW, Color.WHITE, Color.MAGENTA
  };

  private Scenes() {}

  static Path folder() {
    return Path.of("..", "..", "samples").toAbsolutePath().normalize();
  }

  static byte[] sample(int number) {
    try {
      return Files.readAllBytes(folder().resolve("scene-0" + number + ".png"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One to three shapes; the same number has the same scene. */
  static byte[] drawn(int number) {
    Random random = new Random(number);
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    for (int shapes = 1 + random.nextInt(3); shapes > 0; shapes--) {
      pen.setColor(COLOURS[random.nextInt(COLOURS.length)]);
      int size = 12 + random.nextInt(12);
      int x = random.nextInt(SIDE - size);
      int y = random.nextInt(SIDE - size);
      if (random.nextBoolean()) {
        pen.fillOval(x, y, size, size);
      } else {
        pen.fillRect(x, y, size, size);
      }
    }
    pen.dispose();
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(image, "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drawn scenes, with their numbers. */
  static Dataset<Row> drawn(SparkSession spark, int count, int partitions) {
    List<Row> rows =
        IntStream.range(0, count).mapToObj(i -> RowFactory.create(i, drawn(i))).toList();
    return spark.createDataFrame(rows, SCHEMA).repartition(partitions);
  }
}
