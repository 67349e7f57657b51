package io.github.blip2j.spark;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;

/**
 * A partition's rows with a result and an error beside each: as many rows as come, in their order.
 * Only a batch of them is in memory.
 *
 * @param job what is done
 * @param imageColumn number of the column with the image
 * @param textColumn number of the column with the text; -1 for the job's own text
 * @param batch most rows that are worked on together
 * @param progress what is counted
 */
record RowBatches(Job job, int imageColumn, int textColumn, int batch, Progress progress)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1;

  /**
   * Counts that Spark shows with a stage. What a task that is run again counts, counts again.
   *
   * @param images that were worked on
   * @param errors rows that failed
   * @param tokens that were written
   */
  record Progress(LongAccumulator images, LongAccumulator errors, LongAccumulator tokens)
      implements Serializable {
    private static final long serialVersionUID = 1;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    JobRunner runner = new JobRunner(job);
    Queue<Row> ready = new ArrayDeque<>();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return !ready.isEmpty() || rows.hasNext();
      }

      @Override
      public Row next() {
        if (ready.isEmpty()) {
          if (!rows.hasNext()) {
            throw new NoSuchElementException();
          }
          ready.addAll(results(rows, runner));
        }
        return ready.remove();
      }
    };
  }

  private List<Row> results(Iterator<Row> rows, JobRunner runner) {
    List<Row> some = new ArrayList<>();
    while (some.size() < batch && rows.hasNext()) {
      some.add(rows.next());
    }
    List<JobRunner.Outcome> outcomes = runner.run(some.stream().map(this::read).toList());
    List<Row> results = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      JobRunner.Outcome outcome = outcomes.get(i);
      progress.images().add(1);
      progress.errors().add(outcome.error() == null ? 0 : 1);
      progress.tokens().add(outcome.tokens());
      results.add(beside(some.get(i), outcome));
    }
    return results;
  }

  private ImageRow read(Row row) {
    String text = textColumn < 0 ? job.text() : row.getString(textColumn);
    return new ImageRow(row.get(imageColumn), text == null ? "" : text);
  }

  private static Row beside(Row row, JobRunner.Outcome outcome) {
    Object[] values = new Object[row.size() + 2];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = outcome.value();
    values[row.size() + 1] = outcome.error();
    return RowFactory.create(values);
  }
}
