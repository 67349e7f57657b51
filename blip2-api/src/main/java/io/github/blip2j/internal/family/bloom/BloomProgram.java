package io.github.blip2j.internal.family.bloom;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** BLOOM's step: image features, token ids and distances of keys to logits. */
record BloomProgram(BloomConfig config, BloomDecoder network) implements LanguageProgram {
  private static final String FEATURES = "features";
  private static final String IDS = "ids";
  private static final String DISTANCES = "distances";

  @Override
  public Stage decoder() {
    return new Stage(
        "language_model",
        List.of(
            Stage.Input.floats(FEATURES, Axis.BATCH, Axis.any("F"), Axis.of(config.hiddenSize())),
            Stage.Input.integers(IDS, Axis.BATCH, Axis.any("T")),
            Stage.Input.integers(DISTANCES, Axis.BATCH, Axis.any("S"), Axis.any("total"))),
        List.of(Stage.Output.of("logits", Axis.any("L"), Axis.of(config.vocabularySize()))),
        config.cache(),
        CacheLayout.NONE,
        this::step);
  }

  private <T> List<T> step(Ops<T> ops, Stage.Inputs<T> inputs) {
    return List.of(
        network.forward(
            ops, inputs.get(FEATURES), inputs.get(IDS), inputs.get(DISTANCES))); // (L,1,V)
  }

  @Override
  public Optional<Stage> encoder() {
    return Optional.empty();
  }

  @Override
  public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
    int rows = step.rows();
    long[] distances = distances(step);
    return Map.of(
        FEATURES, new HostTensor.Floats(features, rows, step.features(), config.hiddenSize()),
        IDS, new HostTensor.Integers(step.ids(), rows, step.width()),
        DISTANCES, new HostTensor.Integers(distances, rows, step.span(), step.total()));
  }

  /** How far each key lies behind each new position; the ones in front of it are negative. */
  static long[] distances(StepPlan step) {
    long[] distances = new long[step.positionIds().length * step.total()];
    int at = 0;
    for (long position : step.positionIds()) {
      for (int key = 0; key < step.total(); key++) {
        distances[at++] = position - key;
      }
    }
    return distances;
  }

  @Override
  public NextStep nextStep() {
    int width = config.hiddenSize();
    return new NextStep() {
      @Override
      public <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given) {
        T none = ops.noVectors(ids, width); // (B,0,d)
        return Map.of(FEATURES, none, IDS, ids, DISTANCES, ops.keyDistances());
      }
    };
  }
}
