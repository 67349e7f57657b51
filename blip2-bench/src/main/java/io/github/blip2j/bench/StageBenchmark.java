package io.github.blip2j.bench;

import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.spi.QFormer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The stages before the first token, one image each. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class StageBenchmark {
  private float[] pixels;
  private float[] patches;
  private float[] features;
  private float[] logits;
  private int[][] prompt;
  private int capacity;

  /** Makes inputs of noise. */
  @Setup(Level.Trial)
  public void prepare(LoadedState model) {
    ModelConfig config = model.checkpoint().config();
    int side = config.vision().imageSize();
    pixels = noise(3 * side * side);
    patches = noise(config.vision().patches() * config.vision().hiddenSize());
    features = noise(config.qformer().queries() * config.projectedSize());
    logits = new float[config.text().vocabularySize()];
    prompt = new int[][] {{config.text().startToken()}};
    capacity = config.qformer().queries() + 2;
  }

  private static float[] noise(int count) {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /**
   * The vision encoder.
   *
   * @return what it gives, so that nothing is left out
   */
  @Benchmark
  public float[] vision(LoadedState model) {
    return model.loaded().vision().encode(pixels, 1);
  }

  /**
   * The Q-Former and the projection.
   *
   * @return what they give
   */
  @Benchmark
  public QFormer.Output qformer(LoadedState model) {
    return model.loaded().qformer().encode(patches, 1);
  }

  /**
   * The language model over image and start token, in a session of its own.
   *
   * @return the logits
   */
  @Benchmark
  public float[] prefill(LoadedState model) {
    try (LanguageSession session = model.loaded().language().open(1, capacity)) {
      session.append(features, prompt, logits);
    }
    return logits;
  }
}
