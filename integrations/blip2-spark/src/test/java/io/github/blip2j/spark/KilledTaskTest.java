package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A task that is killed in its second batch of three and run again by Spark, before a sink that
 * keeps whatever reaches it: nothing does that the killed one had not finished.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledTaskTest {
  private static final int ROWS = 6;
  private static final int LAST_OF_BATCH = 5;

  /** In this process, where Spark's local tasks run too. */
  private static final Queue<Row> SINK = new ConcurrentLinkedQueue<>();

  private final Blip2 captioner =
      Blip2.builder().model(DemoModel.captioner()).backend("onnx").load();
  private SparkSession spark;

  @BeforeAll
  void start() {
    spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", false).getOrCreate();
  }

  @AfterAll
  void stop() {
    spark.stop();
    captioner.close();
  }

  @AfterEach
  void empty() {
    SINK.clear();
  }

  /** How Spark stops a task. */
  private enum Kill {
    /** With {@code spark.job.interruptOnCancel}, or of a speculative copy. */
    BY_INTERRUPT {
      @Override
      void now() {
        Thread.currentThread().interrupt();
      }
    },
    /** As a job is cancelled by default: the task is to look for itself. */
    BY_MARK {
      @Override
      void now() {
        TaskContext.get().markInterrupted("by a test");
      }
    };

    abstract void now();
  }

  /** Kills the first attempt as a row is read. */
  private static MapPartitionsFunction<Row, Row> killing(Kill kill, int number) {
    return rows ->
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public Row next() {
            Row row = rows.next();
            if (row.getInt(0) == number && TaskContext.get().attemptNumber() == 0) {
              kill.now();
            }
            return row;
          }
        };
  }

  private static ForeachPartitionFunction<Row> sink() {
    return rows -> rows.forEachRemaining(SINK::add);
  }

  private void run(Kill kill) {
    Dataset<Row> rows =
        Scenes.drawn(spark, ROWS, 1)
            .coalesce(1)
            .sortWithinPartitions("id")
            .mapPartitions(killing(kill, LAST_OF_BATCH), Encoders.row(Scenes.SCHEMA));
    new Blip2Transformer()
        .setModel(DemoModel.captioner().toString())
        .setBatchSize(3)
        .transform(rows)
        .foreachPartition(sink());
    assertThat(SINK)
        .as("three rows of the first attempt, and all of the second")
        .extracting(row -> row.getInt(0))
        .containsExactly(0, 1, 2, 0, 1, 2, 3, 4, 5);
    for (Row row : SINK) { // id, content, result, error
      String text = captioner.caption(ImageSource.of(row.<byte[]>getAs(1))).text();
      assertThat(row.getString(2)).as("row %s", row.get(0)).isEqualTo(text);
      assertThat(row.isNullAt(3)).isTrue();
    }
  }

  @Test
  void anInterruptedTaskHandsOutNothingThatItDidNotFinish() {
    run(Kill.BY_INTERRUPT);
  }

  @Test
  void aTaskThatIsToldToStopBeginsNoFurtherBatch() {
    run(Kill.BY_MARK);
  }
}
