package io.github.blip2j.bench;

import io.github.blip2j.Device;
import io.github.blip2j.LoadListener;
import io.github.blip2j.Precisions;
import io.github.blip2j.WeightLayout;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.checkpoint.DType;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.ServiceLoader;
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

/**
 * One token of every row. Without {@code -p model=DIR} the model is made up: 32 layers so narrow
 * that nothing but overhead is left.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class StepBenchmark {
  private static final String NARROW =
      """
      {"model_type": "blip-2", "num_query_tokens": 4,
       "vision_config": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
        "num_attention_heads": 4, "image_size": 28},
       "qformer_config": {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4},
       "text_config": {"hidden_size": 32, "ffn_dim": 64, "num_hidden_layers": 32,
        "num_attention_heads": 4, "vocab_size": 448, "eos_token_id": 202}}
      """;

  /** A checkpoint directory, or nothing for the narrow one. */
  @Param("")
  public String model;

  /** Which backend. */
  @Param({"onnx", "djl"})
  public String backend;

  /** Precisions as on the command line. */
  @Param("float32")
  public String precision;

  /** Rows of a step. */
  @Param({"1", "4", "16"})
  public int rows;

  /** Positions behind which the token stands. */
  @Param("64")
  public int context;

  private Path folder;
  private LoadedModel loaded;
  private LanguageSession session;
  private float[] logits;
  private int[][] token;

  /** Loads the model and fills the cache. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    folder = Files.createTempDirectory("blip2-bench-");
    Path directory = model.isEmpty() ? folder.resolve("narrow") : Path.of(model);
    if (model.isEmpty()) {
      new RandomCheckpoint(DType.F32, 3).write(NARROW, directory);
    }
    Checkpoint checkpoint = Checkpoint.open(directory);
    Execution execution =
        new Execution(
            Device.CPU,
            Runtime.getRuntime().availableProcessors(),
            WeightLayout.MAPPED,
            Precisions.parse(precision));
    Backend chosen =
        ServiceLoader.load(Backend.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(b -> b.id().equals(backend))
            .findFirst()
            .orElseThrow();
    chosen
        .obstacle(Device.CPU)
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
    loaded = chosen.load(new LoadRequest(checkpoint, execution, folder, LoadListener.NONE));
    int vocabulary = checkpoint.config().text().vocabularySize();
    logits = new float[rows * vocabulary];
    token = new int[rows][];
    int[][] prompts = new int[rows][context];
    for (int row = 0; row < rows; row++) {
      token[row] = new int[] {30 + row};
      Arrays.fill(prompts[row], 40 + row);
    }
    session = loaded.language().open(rows, context + 1);
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

  /** Closes everything. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    session.close();
    loaded.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
