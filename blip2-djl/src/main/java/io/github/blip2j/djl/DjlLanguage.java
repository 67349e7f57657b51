package io.github.blip2j.djl;

import ai.djl.pytorch.engine.PtNDManager;
import io.github.blip2j.checkpoint.T5Config;
import io.github.blip2j.checkpoint.TextConfig;
import io.github.blip2j.internal.session.Lengths;
import io.github.blip2j.internal.session.RelativeBuckets;
import io.github.blip2j.internal.session.SessionCount;
import io.github.blip2j.spi.LanguageModel;
import io.github.blip2j.spi.LanguageSession;

/**
 * The language model's part of a module. Borrows the module.
 *
 * @param device PyTorch's name of it
 */
record DjlLanguage(TextConfig config, String device, ScriptModule module, SessionCount sessions)
    implements LanguageModel {
  static final String STAGE = "language model";

  @Override
  public LanguageSession open(int rows, int capacity) {
    return DjlLanguageSession.open(this, rows, capacity);
  }

  /** Runs T5's encoder over picture and prompt. The caller closes what it read. */
  DjlMemory read(T5Config t5, float[] features, Lengths.Step what) {
    int prompts = what.ends().length;
    int span = what.span();
    long[] buckets = new RelativeBuckets(t5).encoder(what.ends(), span);
    try (PtNDManager scope = module.scope()) {
      return new DjlMemory(
          module.run(
              "encoder",
              "encode",
              ScriptModule.floats(scope, features, prompts, what.features(), t5.hiddenSize()),
              ScriptModule.longs(scope, what.ids(), prompts, what.width()),
              ScriptModule.longs(scope, buckets, prompts, span, span)),
          what);
    }
  }
}
