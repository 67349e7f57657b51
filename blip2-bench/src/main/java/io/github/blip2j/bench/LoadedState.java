package io.github.blip2j.bench;

import io.github.blip2j.Blip2;
import io.github.blip2j.checkpoint.Checkpoint;
import io.github.blip2j.core.Device;
import io.github.blip2j.core.LoadListener;
import io.github.blip2j.core.Precisions;
import io.github.blip2j.core.WeightLayout;
import io.github.blip2j.files.DType;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.spi.Execution;
import io.github.blip2j.spi.LoadRequest;
import io.github.blip2j.spi.LoadedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A loaded model. Without {@code -p model=DIR} it is made up: 32 layers so narrow that nothing but
 * overhead is left. Weights that a precision needs are prepared anew each time, unless {@code
 * BLIP2_CACHE} names a directory to keep them in.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class LoadedState {
  static final String NARROW =
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

  /** Where the language model's float32 weights lie. */
  @Param("MAPPED")
  public WeightLayout weights;

  /** Threads of a forward pass; all processors, unless a command sets it before it loads. */
  int threads = Runtime.getRuntime().availableProcessors();

  private Path folder;
  private Checkpoint checkpoint;
  private LoadedModel loaded;

  /** Loads the model. */
  @Setup(Level.Trial)
  public void load() throws IOException {
    folder = Files.createTempDirectory("blip2-bench-");
    Path directory = model.isEmpty() ? folder.resolve("narrow") : Path.of(model);
    if (model.isEmpty()) {
      new RandomCheckpoint(DType.F32, 3).write(NARROW, directory);
    }
    checkpoint = Checkpoint.open(directory);
    Execution execution = new Execution(Device.CPU, threads, weights, Precisions.parse(precision));
    Backend chosen =
        ServiceLoader.load(Backend.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(b -> b.id().equals(backend))
            .findFirst()
            .orElseThrow();
    chosen
        .obstacle(Device.CPU, Blip2.defaultCacheDirectory())
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
    String kept = System.getenv("BLIP2_CACHE");
    Path cache = kept == null ? folder : Path.of(kept);
    loaded = chosen.load(new LoadRequest(checkpoint, execution, cache, LoadListener.NONE));
  }

  Checkpoint checkpoint() {
    return checkpoint;
  }

  LoadedModel loaded() {
    return loaded;
  }

  /** Closes the model and deletes what was made for it. */
  @TearDown(Level.Trial)
  public void unload() throws IOException {
    loaded.close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(f -> f.toFile().delete());
    }
  }
}
