package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.files.DType;
import io.github.blip2j.internal.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** A prompt to ids and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class TokenizerBenchmark {
  /** A checkpoint directory, or nothing for a made-up one with a small vocabulary. */
  @Param("")
  public String model;

  private Path folder;
  private Tokenizer tokenizer;
  private List<Integer> ids;

  /** Loads the tokenizer. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    folder = Files.createTempDirectory("blip2-bench-");
    Path directory = model.isEmpty() ? folder.resolve("narrow") : Path.of(model);
    if (model.isEmpty()) {
      new RandomCheckpoint(DType.F32, 3).write(LoadedState.NARROW, directory);
    }
    tokenizer = Tokenizer.load(Checkpoint.open(directory));
    ids = Arrays.stream(encode()).boxed().toList();
  }

  /**
   * To ids.
   *
   * @return the ids
   */
  @Benchmark
  public int[] encode() {
    return tokenizer.encode("Question: how many people are in the picture? Answer:");
  }

  /**
   * Back to text.
   *
   * @return the text
   */
  @Benchmark
  public String decode() {
    return tokenizer.decode(ids);
  }

  /** Releases the tokenizer and deletes what was made for it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    tokenizer.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
