package io.github.blip2j.internal.family.decoder;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.TextConfig;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.CacheLayout;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The program of a decoder alone: a step from image features, token ids and where they stand to
 * logits.
 */
public final class DecoderProgram implements LanguageProgram {
  private static final String IDS = "ids";

  private final TextConfig config;
  private final Network network;
  private final Places places;
  private final Stage decoder;

  /**
   * A program.
   *
   * @param config its settings
   * @param network its forward pass
   * @param places what it is told of where vectors stand
   */
  public DecoderProgram(TextConfig config, Network network, Places places) {
    this.config = config;
    this.network = network;
    this.places = places;
    this.decoder =
        new Stage(
            "language_model",
            List.of(
                Stage.Input.floats(
                    FEATURES, Axis.BATCH, Axis.any("F"), Axis.of(config.hiddenSize())),
                Stage.Input.integers(IDS, Axis.BATCH, Axis.any("T")),
                places.input()),
            List.of(Stage.Output.of("logits", Axis.any("L"), Axis.of(config.vocabularySize()))),
            config.cache(),
            CacheLayout.NONE,
            new Step());
  }

  /** A decoder's forward pass. */
  public interface Network {
    /**
     * A step.
     *
     * @param ops the interpreter
     * @param features (B,F,d) image features in front of the tokens; F may be 0
     * @param ids (B,T) token ids
     * @param places the value of {@link Places#input}
     * @param <T> what the interpreter makes of a value
     * @return (L,1,V) logits
     */
    <T> T forward(Ops<T> ops, T features, T ids, T places);
  }

  /** What a decoder is told of where its vectors stand. */
  public interface Places {
    /** Position ids of the new vectors (B,F+T). */
    Places POSITION_IDS =
        new Places() {
          @Override
          public Stage.Input input() {
            return Stage.Input.integers("position_ids", Axis.BATCH, Axis.any("S"));
          }

          @Override
          public HostTensor values(StepPlan step) {
            return new HostTensor.Integers(step.positionIds(), step.rows(), step.span());
          }

          @Override
          public <T> T newest(Ops<T> ops) {
            return ops.newestPosition(); // a token's position is that of its key
          }
        };

    /**
     * The decoder's third input.
     *
     * @return name and axes
     */
    Stage.Input input();

    /**
     * Its value for a step.
     *
     * @param step the rows' new positions
     * @return a tensor of the input's axes
     */
    HostTensor values(StepPlan step);

    /**
     * Its value within a graph, where the step before ran.
     *
     * @param ops the interpreter
     * @param <T> what the interpreter makes of a value
     * @return that of one new token a row
     */
    <T> T newest(Ops<T> ops);
  }

  /** The forward pass with its inputs by name. */
  private final class Step implements Stage.Body {
    @Override
    public <T> List<T> apply(Ops<T> ops, Stage.Inputs<T> inputs) {
      T where = inputs.get(places.input().name());
      return List.of(network.forward(ops, inputs.get(FEATURES), inputs.get(IDS), where)); // (L,1,V)
    }
  }

  @Override
  public TextConfig config() {
    return config;
  }

  @Override
  public Stage decoder() {
    return decoder;
  }

  @Override
  public Optional<Stage> encoder() {
    return Optional.empty();
  }

  @Override
  public Map<String, HostTensor> decoderInputs(StepPlan step, float[] features) {
    int rows = step.rows();
    return Map.of(
        FEATURES,
        new HostTensor.Floats(features, rows, step.features(), config.hiddenSize()),
        IDS,
        new HostTensor.Integers(step.ids(), rows, step.width()),
        places.input().name(),
        places.values(step));
  }

  /** Nothing is in front. */
  @Override
  public NextStep nextStep() {
    int width = config.hiddenSize();
    return new NextStep() {
      @Override
      public <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given) {
        T none = ops.noVectors(ids, width); // (B,0,d)
        return Map.of(FEATURES, none, IDS, ids, places.input().name(), places.newest(ops));
      }
    };
  }
}
