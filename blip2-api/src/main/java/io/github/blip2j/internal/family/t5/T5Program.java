package io.github.blip2j.internal.family.t5;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** T5's encoder, which is given relative positions as buckets, and its decoder's step. */
final class T5Program implements LanguageProgram {
  private static final String IDS = "ids";
  private static final String BUCKETS = "buckets";
  private static final String DISTANCES = "distances";

  private final T5Config config;
  private final Stage encoder;
  private final Stage decoder;

  T5Program(T5Config config, T5Encoder reader, T5Decoder writer) {
    this.config = config;
    this.encoder = encoder(config, new Reading(reader));
    this.decoder =
        new Stage(
            "decoder",
            List.of(
                Stage.Input.integers(IDS, Axis.BATCH, Axis.any("T")),
                Stage.Input.integers(BUCKETS, Axis.BATCH, Axis.any("T"), Axis.any("total"))),
            List.of(Stage.Output.of("logits", Axis.any("L"), Axis.of(config.vocabularySize()))),
            config.cache(),
            config.cache(),
            new Writing(writer));
  }

  private static Stage encoder(T5Config config, Stage.Body body) {
    List<Stage.Output> memory = new ArrayList<>();
    Axis width = Axis.of(config.heads() * config.headWidth());
    for (int layer = 0; layer < config.layers(); layer++) {
      memory.add(Stage.Output.of("memory_key_" + layer, Axis.BATCH, Axis.any("S"), width));
      memory.add(Stage.Output.of("memory_value_" + layer, Axis.BATCH, Axis.any("S"), width));
    }
    return Stage.of(
        "encoder",
        List.of(
            Stage.Input.floats(FEATURES, Axis.BATCH, Axis.any("F"), Axis.of(config.hiddenSize())),
            Stage.Input.integers(IDS, Axis.BATCH, Axis.any("T")),
            Stage.Input.integers(BUCKETS, Axis.BATCH, Axis.any("S"), Axis.any("S"))),
        memory,
        body);
  }

  /** The decoder's step. */
  private record Writing(T5Decoder writer) implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      return List.of(writer.forward(ops, inputs.get(IDS), inputs.get(BUCKETS))); // (L,1,V)
    }
  }

  /** The encoder, and what the decoder's blocks see of it. */
  private record Reading(T5Encoder reader) implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      T read =
          reader.forward(
              ops, inputs.get(FEATURES), inputs.get(IDS), inputs.get(BUCKETS)); // (B,S,d)
      List<T> memory = new ArrayList<>();
      for (T5Encoder.Memory block : reader.memories()) {
        memory.add(block.keys(ops, read));
        memory.add(block.values(ops, read));
      }
      return memory;
    }
  }

  @Override
  public T5Config config() {
    return config;
  }

  @Override
  public Stage decoder() {
    return decoder;
  }

  @Override
  public Optional<Stage> encoder() {
    return Optional.of(encoder);
  }

  @Override
  public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
    int rows = step.rows();
    long[] buckets = new RelativeBuckets(config).decoder(step);
    return Map.of(
        IDS, new HostTensor.Integers(step.ids(), rows, step.width()),
        BUCKETS, new HostTensor.Integers(buckets, rows, step.width(), step.total()));
  }

  @Override
  public Map<String, HostTensor> encoderInputs(StepPlan step, float[] features) {
    int rows = step.rows();
    int span = step.span();
    long[] buckets = new RelativeBuckets(config).encoder(step.sequenceLengths(), span);
    return Map.of(
        FEATURES, new HostTensor.Floats(features, rows, step.features(), config.hiddenSize()),
        IDS, new HostTensor.Integers(step.ids(), rows, step.width()),
        BUCKETS, new HostTensor.Integers(buckets, rows, span, span));
  }

  /** A key's bucket is looked up by its distance; rows are of one length, so all keys are seen. */
  @Override
  public NextStep nextStep() {
    return new NextStep() {
      @Override
      public List<Stage.Input> inputs() {
        return List.of(Stage.Input.integers(DISTANCES, Axis.any("C")));
      }

      @Override
      public Map<String, HostTensor> values(int capacity) {
        long[] buckets = new RelativeBuckets(config).distances(capacity);
        return Map.of(DISTANCES, new HostTensor.Integers(buckets, capacity));
      }

      @Override
      public <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given) {
        T buckets = ops.lookup(given.get(DISTANCES), ops.keyDistances()); // (B,1,S)
        return Map.of(IDS, ids, BUCKETS, buckets);
      }
    };
  }
}
