package io.github.blip2j.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.session.Lengths;
import io.github.blip2j.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The graphs of a language model: a decoder's step, and an encoder if there is one. */
final class OnnxLanguage implements LanguageModel, AutoCloseable {
  private final LanguageProgram program;
  private final LanguagePlan plan;
  private final OnnxStage step;
  private final @Nullable OnnxStage encoder;
  private final @Nullable OnnxStage draft;
  private final SessionCount sessions = new SessionCount();

  private OnnxLanguage(
      LanguageProgram program,
      LanguagePlan plan,
      OnnxStage step,
      @Nullable OnnxStage encoder,
      @Nullable OnnxStage draft) {
    this.program = program;
    this.plan = plan;
    this.step = step;
    this.encoder = encoder;
    this.draft = draft;
  }

  /** Opens what a plan has: a decoder's step, an encoder, and a second decoder that guesses. */
  static OnnxLanguage open(LanguageProgram program, LanguagePlan plan, StageOpener opener) {
    Stage decoder = program.decoder();
    WeightPlaces.Compiler compiler =
        plan.loop()
            ? places -> StageGraph.decoderWithLoop(program, places, plan.cache())
            : places -> StageGraph.decoder(decoder, places, plan.cache());
    Stage reader = program.encoder().orElse(null);
    OnnxStage encoder =
        reader == null || plan.encoder() == null
            ? null
            : opener.stage(
                plan.encoder(),
                reader,
                places -> StageGraph.encoder(reader, decoder.memory(), places));
    OnnxStage step = opener.stage(plan.decoder(), decoder, compiler);
    OnnxStage draft = plan.draft() == null ? null : opener.stage(plan.draft(), decoder, compiler);
    return new OnnxLanguage(program, plan, step, encoder, draft);
  }

  /** Opens a graph as a plan says, and closes it if loading fails later. */
  interface StageOpener {
    OnnxStage stage(StagePlan plan, Stage stage, WeightPlaces.Compiler compiler);
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return new OnnxLanguageSession(this, lengths(rows, capacity), cache(rows, capacity));
  }

  @Override
  public Optional<Drafting> drafting() {
    return Optional.ofNullable(draft)
        .map(
            cheaper ->
                (rows, capacity) ->
                    new OnnxDraftingSession(
                        this, cheaper, lengths(rows, capacity), cache(rows, capacity)));
  }

  @Override
  public Optional<Stepping> stepping() {
    return plan.loop() ? Optional.of(new Looping()) : Optional.empty();
  }

  /** Sessions that use the loop behind the step. */
  private final class Looping implements Stepping {
    @Override
    public int most() {
      return plan.stepsAhead().choice();
    }

    @Override
    public OnnxSteppingSession open(int rows, int capacity) {
      OnnxLanguage model = OnnxLanguage.this;
      return new OnnxSteppingSession(model, lengths(rows, capacity), cache(rows, capacity));
    }
  }

  /** No positions of so many rows. */
  private Lengths lengths(int rows, int capacity) {
    return new Lengths(program.config(), rows, capacity);
  }

  private KeyValueCache cache(int rows, int capacity) {
    OnnxJavaType type = plan.cache().halves() ? OnnxJavaType.FLOAT16 : OnnxJavaType.FLOAT;
    return new KeyValueCache(program.decoder().cache(), type, rows, capacity);
  }

  /** Whether the step's graph has a loop behind it, which must be given its inputs. */
  boolean hasLoop() {
    return plan.loop();
  }

  LanguageProgram program() {
    return program;
  }

  OnnxStage step() {
    return step;
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
