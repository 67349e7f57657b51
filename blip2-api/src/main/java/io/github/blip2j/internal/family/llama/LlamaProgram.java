package io.github.blip2j.internal.family.llama;

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

/** A decoder's step: image features, token ids and position ids to logits. */
record LlamaProgram(LlamaConfig config, LlamaDecoder network) implements LanguageProgram {
  private static final String FEATURES = "features";
  private static final String IDS = "ids";
  private static final String POSITION_IDS = "position_ids";

  @Override
  public Stage decoder() {
    return new Stage(
        "language_model",
        List.of(
            Stage.Input.floats(FEATURES, Axis.BATCH, Axis.any("F"), Axis.of(config.hiddenSize())),
            Stage.Input.integers(IDS, Axis.BATCH, Axis.any("T")),
            Stage.Input.integers(POSITION_IDS, Axis.BATCH, Axis.any("S"))),
        List.of(Stage.Output.of("logits", Axis.any("L"), Axis.of(config.vocabularySize()))),
        config.cache(),
        CacheLayout.NONE,
        this::step);
  }

  private <T> List<T> step(Ops<T> ops, Stage.Inputs<T> inputs) {
    return List.of(
        network.forward(
            ops, inputs.get(FEATURES), inputs.get(IDS), inputs.get(POSITION_IDS))); // (L,1,V)
  }

  @Override
  public Optional<Stage> encoder() {
    return Optional.empty();
  }

  @Override
  public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
    int rows = step.rows();
    return Map.of(
        FEATURES, new HostTensor.Floats(features, rows, step.features(), config.hiddenSize()),
        IDS, new HostTensor.Integers(step.ids(), rows, step.width()),
        POSITION_IDS, new HostTensor.Integers(step.positionIds(), rows, step.span()));
  }

  /** Nothing in front, and a token's position is that of its key. */
  @Override
  public NextStep nextStep() {
    int width = config.hiddenSize();
    return new NextStep() {
      @Override
      public <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given) {
        T none = ops.noVectors(ids, width); // (B,0,d)
        return Map.of(FEATURES, none, IDS, ids, POSITION_IDS, ops.newestPosition());
      }
    };
  }
}
