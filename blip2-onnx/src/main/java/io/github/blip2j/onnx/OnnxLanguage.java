package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The graphs of a language model: a decoder's step, and an encoder if there is one. */
final class OnnxLanguage implements LanguageModel, AutoCloseable {
  private static final int MOST_AHEAD = 64;

  private final LanguageProgram program;
  private final OnnxJavaType cacheType;
  private final boolean loop;
  private final OnnxStage step;
  private final @Nullable OnnxStage encoder;
  private final @Nullable OnnxStage draft;
  private final SessionCount sessions = new SessionCount();

  private OnnxLanguage(
      LanguageProgram program,
      OnnxJavaType cacheType,
      OnnxStage step,
      @Nullable OnnxStage encoder,
      @Nullable OnnxStage draft,
      boolean loop) {
    this.program = program;
    this.cacheType = cacheType;
    this.loop = loop;
    this.step = step;
    this.encoder = encoder;
    this.draft = draft;
  }

  /**
   * Opens a language model, with a second decoder that guesses if there is an opener for one.
   *
   * @param card whether it is for a card, where the step has a loop behind it
   */
  static OnnxLanguage open(
      LanguageProgram program, boolean card, StageOpener opener, @Nullable StageOpener drafter) {
    Stage decoder = program.decoder();
    Stage reader = program.encoder().orElse(null);
    WeightPlaces.Compiler compiler =
        card
            ? places -> StageGraph.decoderWithLoop(program, places)
            : places -> StageGraph.decoder(decoder, places);
    OnnxStage encoder =
        reader == null
            ? null
            : opener.stage(
                "encoder", reader, places -> StageGraph.encoder(reader, decoder.memory(), places));
    OnnxStage step = opener.stage(decoder.name(), decoder, compiler);
    OnnxStage draft = drafter == null ? null : drafter.stage("draft", decoder, compiler);
    OnnxJavaType cacheType = opener.halves() ? OnnxJavaType.FLOAT16 : OnnxJavaType.FLOAT;
    return new OnnxLanguage(program, cacheType, step, encoder, draft, card);
  }

  /** Opens a graph with the model's settings, and closes it if loading fails later. */
  interface StageOpener {
    OnnxStage stage(String name, Stage stage, WeightPlaces.Compiler compiler);

    /** Whether keys and values are binary16. */
    boolean halves();
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return OnnxLanguageSession.open(this, rows, capacity);
  }

  @Override
  public int stepsAhead() {
    return loop ? MOST_AHEAD : 0;
  }

  LanguageProgram program() {
    return program;
  }

  /** Of keys and values. */
  OnnxJavaType cacheType() {
    return cacheType;
  }

  OnnxStage step() {
    return step;
  }

  /** The decoder with cheaper weights. */
  OnnxStage draft() {
    if (draft == null) {
      throw new UnsupportedOperationException("this model was loaded without a draft");
    }
    return draft;
  }

  SessionCount sessions() {
    return sessions;
  }

  /** Runs the encoder over image features and prompts. The caller closes what it read. */
  OnnxMemory read(StepPlan prompts, float[] features) {
    OnnxMemory memory = new OnnxMemory(program.decoder().memory(), prompts);
    try (HostTensors tensors = new HostTensors()) {
      Map<String, OnnxTensor> inputs = tensors.all(program.encoderInputs(prompts, features));
      Objects.requireNonNull(encoder, "encoder").run(inputs, memory.named());
      return memory;
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public void close() {
    sessions.close();
    step.close();
    if (encoder != null) {
      encoder.close();
    }
    if (draft != null) {
      draft.close();
    }
  }
}
