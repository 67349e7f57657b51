package io.github.blip2j.spark;

import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * SQL functions over one model: {@code blip2_caption(image)}, {@code blip2_answer(image,
 * question)}, {@code blip2_embed(image)}, {@code blip2_features(image)} and {@code
 * blip2_match(image, text)}, with bytes or a path as the image. Each gives a struct of {@code
 * result}, null if the row failed, and {@code error}, null if it did not.
 *
 * <p>A function is given one row at a time; where there are many, {@link Blip2Transformer} is
 * faster, since it works on batches.
 */
public final class Blip2Functions {
  private static final int DEFAULT_TOKENS = 20;

  private Blip2Functions() {}

  /**
   * Makes the functions known to a session, to its SQL and to Python.
   *
   * @param session where
   * @param model what they use
   */
  public static void register(SparkSession session, ModelSpec model) {
    for (Job.Task task : Job.Task.values()) {
      Job job = job(task, model);
      if (task.needsText()) {
        UDF2<Object, String, Row> two = (image, text) -> one(job, image, text);
        session.udf().register(name(task), two, type(task));
      } else {
        UDF1<Object, Row> one = image -> one(job, image, "");
        session.udf().register(name(task), one, type(task));
      }
    }
  }

  /**
   * Makes the functions of a model known to a session, everything as usual.
   *
   * @param session where
   * @param model a checkpoint directory on every machine, or a name
   */
  public static void register(SparkSession session, String model) {
    register(session, ModelSpec.of(model));
  }

  static String name(Job.Task task) {
    return "blip2_" + task.name().toLowerCase(Locale.ROOT);
  }

  static Job job(Job.Task task, ModelSpec model) {
    return new Job(task, model, "", DEFAULT_TOKENS, 0, 0);
  }

  static StructType type(Job.Task task) {
    return new StructType().add("result", task.result()).add("error", DataTypes.StringType);
  }

  static Row one(Job job, @Nullable Object image, @Nullable String text) {
    JobRunner.Outcome outcome =
        new JobRunner(job).run(List.of(new ImageRow(image, text == null ? "" : text))).get(0);
    return RowFactory.create(outcome.value(), outcome.error());
  }
}
