package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.Arrays;

/** The language model's part of a module. Borrows the module. */
final class DjlLanguage implements LanguageModel {
  static final String STAGE = "language model";

  private final LanguageProgram program;
  private final Stage decoder;
  private final boolean biased;
  private final String device;
  private final ScriptModule module;
  private final SessionCount sessions;

  /**
   * Views it.
   *
   * @param device PyTorch's name of it
   */
  DjlLanguage(LanguageProgram program, String device, ScriptModule module, SessionCount sessions) {
    this.program = program;
    this.decoder = program.decoder();
    this.biased = decoder.weights().cachedBias();
    this.device = device;
    this.module = module;
    this.sessions = sessions;
  }

  @Override
  public LanguageSession open(int rows, int capacity) {
    return DjlLanguageSession.open(this, rows, capacity);
  }

  LanguageProgram program() {
    return program;
  }

  Stage decoder() {
    return decoder;
  }

  /** Whether attention to the cache has a bias of its own, which hides what is not to be seen. */
  boolean biased() {
    return biased;
  }

  String device() {
    return device;
  }

  ScriptModule module() {
    return module;
  }

  SessionCount sessions() {
    return sessions;
  }

  /** Runs the encoder over image features and prompts. The caller closes what it read. */
  DjlMemory read(StepPlan prompts, float[] features) {
    Stage encoder = program.encoder().orElseThrow();
    try (PtNDManager scope = module.scope()) {
      IValue[] inputs =
          ScriptModule.arguments(scope, encoder, program.encoderInputs(prompts, features));
      IValue[] all = Arrays.copyOf(inputs, inputs.length + 1);
      all[inputs.length] = IValue.from(prompts.rows() * prompts.span() <= LinearKernel.FEW);
      return new DjlMemory(module.run("encoder", "encode", all), prompts);
    }
  }
}
