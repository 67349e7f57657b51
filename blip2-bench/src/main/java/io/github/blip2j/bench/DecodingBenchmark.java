package io.github.blip2j.bench;

import io.github.blip2j.bench.host.Workspace;
import io.github.blip2j.checkpoint.ModelConfig;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.internal.decoding.DecodingLoop;
import io.github.blip2j.internal.decoding.LookaheadModel;
import io.github.blip2j.internal.decoding.Prompt;
import io.github.blip2j.spi.LanguageSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What decoding costs a token, all of it but the model: a session that answers at once with logits
 * of the published vocabulary. The unit is a step; a beam search's has five rows.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class DecodingBenchmark {
  private static final int STEPS = 20;

  /** How the next token is chosen. */
  @Param({"greedy", "penalties", "top-k", "top-p", "beams5"})
  public String policy;

  private TextConfig config;
  private float[] answers;
  private Prompt prompt;

  /**
   * Logits of a few steps, normally distributed.
   *
   * @throws IOException if the settings cannot be written
   */
  @Setup
  public void prepare() throws IOException {
    config = settings();
    Random random = new Random(1);
    answers = new float[8 * config.vocabularySize()];
    for (int i = 0; i < answers.length; i++) {
      answers[i] = (float) (3 * random.nextGaussian());
    }
    GenerationOptionsBuilder options =
        GenerationOptions.builder().maxNewTokens(STEPS).minNewTokens(STEPS).seed(1);
    switch (policy) {
      case "penalties" -> options.repetitionPenalty(1.5).noRepeatNgramSize(3);
      case "top-k" -> options.doSample(true).topK(50).temperature(0.7);
      case "top-p" -> options.doSample(true).topK(0).topP(0.9).repetitionPenalty(1.5);
      case "beams5" -> options.numBeams(5);
      default -> {}
    }
    prompt = new Prompt(new float[0], new int[33], options.build());
  }

  /** Those of blip2-opt-2.7b; there is no model behind them. */
  private static TextConfig settings() throws IOException {
    try (Workspace folder = Workspace.create()) {
      Path model = Files.createDirectories(folder.path("model"));
      Files.writeString(
          model.resolve("config.json"), RandomCheckpointCommand.Shape.OPT_2_7B.config());
      return ModelConfig.read(model).text();
    }
  }

  /**
   * Twenty steps.
   *
   * @return the texts, so that nothing is left out
   */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public Object step() {
    try (DecodingLoop loop =
        DecodingLoop.start(
            new LookaheadModel((rows, capacity) -> new Answers(rows), config),
            config,
            List.of(prompt),
            ids -> "")) {
      boolean going = true;
      while (going) {
        going = loop.step();
      }
      return loop.results();
    }
  }

  /** A session without a model. */
  private final class Answers implements LanguageSession {
    private int rows;
    private int length;

    Answers(int rows) {
      this.rows = rows;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int length(int row) {
      return length;
    }

    @Override
    public void append(float[] features, int[][] tokens, float[] logits) {
      for (int row = 0; row < rows; row++) {
        int from = (length + row) % 8 * config.vocabularySize();
        int to = row * config.vocabularySize();
        System.arraycopy(answers, from, logits, to, config.vocabularySize());
      }
      length++;
    }

    @Override
    public void appendEach(int[] tokens, float[] scores) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public void select(int[] kept) {
      rows = kept.length;
    }

    @Override
    public void truncate(int shorter) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public LanguageSession fork(int[] kept, int capacity) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public void adopt(LanguageSession other, int[] adopted) {
      throw new IllegalStateException("not asked for here");
    }

    @Override
    public void close() {}
  }
}
