package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.demo.DemoModel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;

/** A partition as its task reads it, without Spark around it. */
class RowBatchesTest {
  private final RowBatches.Progress progress =
      new RowBatches.Progress(new LongAccumulator(), new LongAccumulator(), new LongAccumulator());
  private final List<Integer> taken = new ArrayList<>();

  private RowBatches batches(int size) {
    Job job =
        new Job(Job.Task.CAPTION, ModelSpec.of(DemoModel.captioner().toString()), "", 4, 0, 0);
    return new RowBatches(job, 1, -1, size, progress);
  }

  /** Rows that note when they are taken; every fourth has no image. */
  private Iterator<Row> rows(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> RowFactory.create(i, i % 4 == 3 ? null : Scenes.drawn(i)))
        .peek(row -> taken.add(row.getInt(0)))
        .iterator();
  }

  @Test
  void noMoreThanABatchIsTakenAtOnce() {
    Iterator<Row> results = batches(3).call(rows(7));
    assertThat(taken).isEmpty();
    assertThat(results.next().getInt(0)).isZero();
    assertThat(taken).hasSizeLessThanOrEqualTo(4); // three, and what the source looks ahead
    results.next();
    results.next();
    assertThat(taken).hasSizeLessThanOrEqualTo(4);
    results.next();
    assertThat(taken).hasSizeGreaterThan(4);
  }

  @Test
  void rowsComeInTheirOrderWithAResultOrAnError() {
    List<Row> results = new ArrayList<>();
    batches(3).call(rows(7)).forEachRemaining(results::add);
    assertThat(results).extracting(row -> row.getInt(0)).containsExactly(0, 1, 2, 3, 4, 5, 6);
    for (Row row : results) {
      assertThat(row.size()).isEqualTo(4);
      assertThat(row.isNullAt(2)).isEqualTo(row.getInt(0) == 3);
      assertThat(row.isNullAt(3)).isNotEqualTo(row.getInt(0) == 3);
    }
    assertThat(progress.images().value()).isEqualTo(7);
    assertThat(progress.errors().value()).isEqualTo(1);
    assertThat(progress.tokens().value()).isPositive();
  }

  @Test
  void whatAKilledTaskHadBegunIsNeitherHandedOutNorCounted() {
    Iterator<Row> results = batches(3).call(rows(7));
    for (int i = 0; i < 3; i++) {
      assertThat(results.next().getInt(0)).isEqualTo(i);
    }
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(results::next).isInstanceOf(TaskKilledException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(progress.images().value()).isEqualTo(3);
    assertThat(progress.errors().value()).isZero();
  }

  @Test
  void anEmptyPartitionHasNothing() {
    Iterator<Row> none = batches(3).call(rows(0));
    assertThat(none.hasNext()).isFalse();
    assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
  }
}
