package io.github.blip2j.bench;

import io.github.blip2j.spi.LanguageSession;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One token of every row, and what beams cost besides: moving rows about. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class StepBenchmark {
  /** Rows of a step. */
  @Param({"1", "4", "16"})
  public int rows;

  /** Positions behind which the token stands. */
  @Param({"64", "256", "512"})
  public int context;

  private LanguageSession session;
  private float[] logits;
  private int[][] token;
  private int[] order;

  /** Fills the cache. */
  @Setup(Level.Trial)
  public void open(LoadedState model) {
    int vocabulary = model.checkpoint().config().text().vocabularySize();
    logits = new float[rows * vocabulary];
    token = new int[rows][];
    int[][] prompts = new int[rows][context];
    for (int row = 0; row < rows; row++) {
      token[row] = new int[] {30 + row};
      Arrays.fill(prompts[row], 40 + row);
    }
    order = new int[rows];
    Arrays.setAll(order, row -> (row + 1) % rows);
    session = model.loaded().language().open(rows, context + 1);
    session.append(new float[0], prompts, logits);
  }

  /**
   * A step, and back to where it began.
   *
   * @return the logits, so that nothing is left out
   */
  @Benchmark
  public float[] step() {
    session.append(new float[0], token, logits);
    session.truncate(context);
    return logits;
  }

  /**
   * Every row takes another one's place; none has anything in common with it.
   *
   * @return the session, so that nothing is left out
   */
  @Benchmark
  public LanguageSession reorder() {
    session.select(order);
    return session;
  }

  /** Releases the cache, before the model closes. */
  @TearDown(Level.Trial)
  public void close() {
    session.close();
  }
}
