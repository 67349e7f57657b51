package io.github.blip2j.family;

import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Ops;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import io.github.blip2j.stage.WeightUses;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a language model computes: a decoder's step, and the encoder in front of it if there is one.
 * Immutable; safe for many threads.
 */
public non-sealed interface LanguageProgram extends ModelProgram.Head {
  /** Input of what reads an image: image features (B,F,d) in front of the tokens. */
  String FEATURES = "features";

  /**
   * Its settings.
   *
   * @return shape and token ids
   */
  TextConfig config();

  /**
   * A step over new positions. Its first output is the logits (L,1,V) that follow {@link
   * StepPlan#logitRows}.
   *
   * @return the stage, with the layout of its cache
   */
  Stage decoder();

  /**
   * What reads image features and prompt before a decoder writes.
   *
   * @return a stage whose outputs are keys and values (P,S,heads·width) of each decoder layer in
   *     turn, as {@link Stage#memory} of the decoder lays them out; none for a decoder alone
   */
  Optional<Stage> encoder();

  /**
   * Weights of the decoder, and of the encoder in front of it.
   *
   * @return each once, whichever of the two use it
   */
  default WeightUses weights() {
    return WeightUses.of(Stream.concat(encoder().stream(), Stream.of(decoder())).toList());
  }

  /**
   * What a step of the decoder is given.
   *
   * @param step the rows' new positions
   * @param features (B,F,d) in front of the tokens, or empty
   * @return a tensor for each of the decoder's inputs
   */
  Map<String, HostTensor> decoderInputs(StepPlan step, float[] features);

  /**
   * What the encoder is given.
   *
   * @param step the prompts
   * @param features (P,F,d) in front of the tokens
   * @return a tensor for each of the encoder's inputs
   * @throws IllegalStateException if there is no encoder
   */
  default Map<String, HostTensor> encoderInputs(StepPlan step, float[] features) {
    throw new IllegalStateException("a decoder alone has no encoder");
  }

  /**
   * How a step of one token a row gets its inputs where the step before it ran: within a graph, so
   * that nothing has to come from the host.
   *
   * @return the way
   */
  NextStep nextStep();

  /** Inputs of a decoder's step of one token a row, computed. */
  interface NextStep {
    /**
     * What has to be given once for all steps.
     *
     * @return inputs; none unless a family needs some
     */
    default List<Stage.Input> inputs() {
      return List.of();
    }

    /**
     * Their values.
     *
     * @param capacity C, positions that the cache has room for
     * @return a tensor for each of {@link #inputs}
     */
    default Map<String, HostTensor> values(int capacity) {
      return Map.of();
    }

    /**
     * The decoder's inputs.
     *
     * @param ops the interpreter
     * @param ids (B,1) the rows' new tokens
     * @param given values of {@link #inputs} by name
     * @param <T> what the interpreter makes of a value
     * @return a value for each of the decoder's inputs
     */
    <T> Map<String, T> decoderInputs(Ops<T> ops, T ids, Stage.Inputs<T> given);
  }
}
